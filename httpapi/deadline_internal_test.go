package httpapi

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDeadline(t *testing.T) {
	type key struct{}
	start := func(parent context.Context) *deadline {
		return &deadline{Context: context.WithValue(parent, key{}, 7), end: time.Now().Add(time.Second)}
	}
	for name, waits := range map[string]bool{"who only looks": false, "who waits": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				look := func(d *deadline) {
					if waits {
						d.Done()
					}
				}
				d := start(context.Background())
				look(d)
				require.NoError(t, d.Err())
				require.Equal(t, 7, d.Value(key{}))
				time.Sleep(time.Second + 1)
				synctest.Wait()
				require.ErrorIs(t, d.Err(), context.DeadlineExceeded)
				<-d.Done()
				d.stop()
				require.ErrorIs(t, d.Err(), context.DeadlineExceeded, "stopping changes no cause")

				parent, cancel := context.WithCancel(context.Background())
				d = start(parent)
				look(d)
				time.Sleep(time.Second + 1)
				synctest.Wait()
				require.ErrorIs(t, d.Err(), context.DeadlineExceeded)
				cancel()
				require.ErrorIs(t, d.Err(), context.DeadlineExceeded, "the first cause stays")
				<-d.Done()

				parent, cancel = context.WithCancel(context.Background())
				d = start(parent)
				look(d)
				cancel()
				require.ErrorIs(t, d.Err(), context.Canceled)
				<-d.Done()

				d = start(context.Background())
				look(d)
				child, cancelChild := context.WithCancel(d)
				defer cancelChild()
				d.stop()
				require.ErrorIs(t, d.Err(), context.Canceled)
				<-d.Done()
				<-child.Done()

				sooner, cancelSooner := context.WithTimeout(context.Background(), time.Millisecond)
				defer cancelSooner()
				end, ok := start(sooner).Deadline()
				require.True(t, ok)
				require.Equal(t, time.Now().Add(time.Millisecond), end)
			})
		})
	}
}
