package queue_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/queue"
)

func cluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(3, "events")}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func produce(t *testing.T, c *kfake.Cluster, bodies ...string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("events"))
	require.NoError(t, err)
	defer client.Close()
	for i, body := range bodies {
		require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{Key: []byte{byte(i)}, Value: []byte(body)}).FirstErr())
	}
}

func TestKafka(t *testing.T) {
	c := cluster(t)
	s := newShop(t)
	k := &queue.Kafka{Servers: c.ListenAddrs(), Topic: "events", Group: "shop"}
	produce(t, c, event("a", 1), event("b", 2), "poison", "["+event("c", 3)+","+event("d", 4)+"]")
	stop := s.consume(k, 3)
	s.until(func(d recsys.Delivered) bool { return d.Events == 4 && d.Dead == 1 })
	stop()
	dead, err := s.db.DeadLetters(t.Context())
	require.NoError(t, err)
	require.Equal(t, "kafka:events", dead[0].Source)
	require.Equal(t, "poison", string(dead[0].Body))

	// What was acknowledged is not read again; equal contents at two places are two messages.
	produce(t, c, event("a", 1), event("e", 5))
	stop = s.consume(k, 100)
	s.until(func(d recsys.Delivered) bool { return d.Events == 6 })
	stop()
	require.Zero(t, s.total.Repeated)

	// Another group reads all from the start: the store knows every message.
	stop = s.consume(&queue.Kafka{Servers: c.ListenAddrs(), Topic: "events", Group: "another"}, 100)
	s.until(func(d recsys.Delivered) bool { return d.Repeated == 6 })
	stop()
	require.Len(t, s.events(), 6)
}

func TestKafkaSASL(t *testing.T) {
	c := cluster(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "shop", "secret"), kfake.Superuser("SCRAM-SHA-256", "shop2", "secret2"))
	for _, k := range []*queue.Kafka{
		{User: "shop", Password: "secret"}, {User: "shop2", Password: "secret2", Mechanism: "scram-sha-256"},
	} {
		k.Servers, k.Topic, k.Group = c.ListenAddrs(), "events", "shop"
		session, err := k.Connect(t.Context())
		require.NoError(t, err)
		require.NoError(t, session.Close())
	}
	// (A server says SASL_AUTHENTICATION_FAILED; this imitation only hangs up.)
	_, err := (&queue.Kafka{Servers: c.ListenAddrs(), Topic: "events", Group: "shop", User: "shop", Password: "wrong"}).Connect(t.Context())
	require.Error(t, err)
	require.NotContains(t, err.Error(), "wrong")
	_, err = (&queue.Kafka{Servers: c.ListenAddrs(), Topic: "events", Group: "shop", User: "shop", Mechanism: "magic"}).Connect(t.Context())
	require.ErrorIs(t, err, queue.ErrRefused)
	require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	require.ErrorContains(t, err, "scram-sha-512")
}

func TestKafkaUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = (&queue.Kafka{Servers: []string{address}, Topic: "t", Group: "g"}).Connect(ctx)
	require.Error(t, err)
	require.NotErrorIs(t, err, queue.ErrRefused)
	require.True(t, strings.Contains(err.Error(), address), err)
}
