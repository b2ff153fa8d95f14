package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestQueueIngestKafka has the documented command line read a topic, stop, and go on.
func TestQueueIngestKafka(t *testing.T) {
	shop(t)
	before := count(t, "data/recsys.db")
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "events"))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("events"))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	for _, body := range []string{`{"user_id":"q","item_id":"pen"}`, `[{"user_id":"q","item_id":"ink","ts":5},{"user_id":"r","item_id":"ink","ts":6}]`, `oops`} {
		require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{Value: []byte(body)}).FirstErr())
	}
	log := background(t, "queue-ingest", "kafka", "--db", "data/recsys.db", "--kafka-servers", strings.Join(c.ListenAddrs(), ","),
		"--kafka-topic", "events", "--batch-size", "3", "--poll-interval", "60")
	line := log.find(t, "msg=batch")
	require.Contains(t, line, "events=3")
	require.Contains(t, line, "dead_letters=1")
	require.EqualValues(t, before+3, count(t, "data/recsys.db"))
	require.Contains(t, succeeds(t, "queue-ingest", "dead-letters"), `"oops"`)
	require.Contains(t, succeeds(t, "queue-ingest", "dead-letters", "--json"), `"body": "oops"`)

	for _, args := range [][]string{{"--kafka-topic", ""}, {"--batch-size", "0"}, {"--poll-interval", "-1"}, {"--tls-ca", "x"},
		{"--tls-cert", "x"}, {"--kafka-user", "u", "--kafka-sasl", "magic"}, {"--kafka-sasl", "magic"}, {"--kafka-servers", "a:9092,"}} {
		code, _, stderr := recsysLite(t, append([]string{"queue-ingest", "kafka", "--log-dir", ""}, args...)...)
		require.Equal(t, exitUsage, code, "%v\n%s", args, stderr)
	}
	code, _, _ := recsysLite(t, "queue-ingest", "rabbitmq", "--rabbitmq-queue", "")
	require.Equal(t, exitUsage, code)
	code, _, stderr := recsysLite(t, "queue-ingest", "rabbitmq", "--tls", "--tls-ca", "items.csv")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "no certificate")
}
