package queue

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/recsys-lite/recsys"
)

// Kafka is a topic of a Kafka cluster, read by a consumer group. A new group begins with the
// oldest message.
type Kafka struct {
	// Servers are some of the cluster, as host:port.
	Servers []string
	Topic   string
	Group   string
	// User and Password authenticate by SASL where User is not empty; Mechanism is "plain"
	// (when empty), "scram-sha-256" or "scram-sha-512".
	User, Password, Mechanism string
	// TLS, if set, encrypts the connection.
	TLS *tls.Config
}

// Source names the topic.
func (k *Kafka) Source() string { return "kafka:" + k.Topic }

// Mechanisms are the ways to authenticate that Kafka knows.
var Mechanisms = []string{"plain", "scram-sha-256", "scram-sha-512"}

func (k *Kafka) auth() (sasl.Mechanism, error) {
	switch k.Mechanism {
	case "", "plain":
		return plain.Auth{User: k.User, Pass: k.Password}.AsMechanism(), nil
	case "scram-sha-256":
		return scram.Auth{User: k.User, Pass: k.Password}.AsSha256Mechanism(), nil
	case "scram-sha-512":
		return scram.Auth{User: k.User, Pass: k.Password}.AsSha512Mechanism(), nil
	}
	return nil, fmt.Errorf("%w: SASL mechanism %q: known are %s", recsys.ErrInvalidConfig, k.Mechanism, strings.Join(Mechanisms, ", "))
}

// Connect implements Broker.
func (k *Kafka) Connect(ctx context.Context) (Session, error) {
	opts := []kgo.Opt{
		kgo.SeedBrokers(k.Servers...), kgo.ConsumerGroup(k.Group), kgo.ConsumeTopics(k.Topic), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.ClientID("recsys-lite"), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.DialTimeout(dialTimeout),
	}
	if k.User != "" {
		auth, err := k.auth()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRefused, err)
		}
		opts = append(opts, kgo.SASL(auth))
	}
	if k.TLS != nil {
		opts = append(opts, kgo.DialTLSConfig(k.TLS))
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("%w: Kafka at %s: %w", ErrRefused, strings.Join(k.Servers, ","), err)
	}
	try, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := client.Ping(try); err != nil {
		client.Close()
		return nil, k.explain(err)
	}
	return &kafkaSession{client: client, kafka: k}, nil
}

func (k *Kafka) explain(err error) error {
	for _, final := range []error{kerr.SaslAuthenticationFailed, kerr.UnsupportedSaslMechanism, kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed, kerr.ClusterAuthorizationFailed} {
		if errors.Is(err, final) {
			return fmt.Errorf("%w: Kafka at %s, user %q, topic %q, group %q: %w", ErrRefused, strings.Join(k.Servers, ","), k.User, k.Topic, k.Group, err)
		}
	}
	return fmt.Errorf("Kafka at %s: %w", strings.Join(k.Servers, ","), err)
}

type kafkaSession struct {
	client *kgo.Client
	kafka  *Kafka
}

// Fetch implements Session.
func (s *kafkaSession) Fetch(ctx context.Context, limit int, wait time.Duration) ([]Message, error) {
	batch, err := s.poll(ctx, limit)
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	until, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for len(batch) < limit && until.Err() == nil {
		more, err := s.poll(until, limit-len(batch))
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err() // what is in the batch is not acknowledged, and comes again
		case err != nil && !errors.Is(err, context.DeadlineExceeded):
			return nil, err // records may have come with it: they come again to the next session
		}
		batch = append(batch, more...)
	}
	return batch, nil
}

func (s *kafkaSession) poll(ctx context.Context, limit int) ([]Message, error) {
	fetches := s.client.PollRecords(ctx, limit)
	for _, e := range fetches.Errors() {
		if errors.Is(e.Err, context.Canceled) || errors.Is(e.Err, context.DeadlineExceeded) {
			continue
		}
		return nil, s.kafka.explain(fmt.Errorf("topic %q, partition %d: %w", e.Topic, e.Partition, e.Err))
	}
	if fetches.NumRecords() == 0 {
		return nil, ctx.Err()
	}
	var batch []Message
	fetches.EachRecord(func(r *kgo.Record) {
		batch = append(batch, Message{
			ID:   fmt.Sprintf("%s/%d/%d/%x", r.Topic, r.Partition, r.Offset, sha256.Sum256(r.Value)),
			Body: r.Value, Handle: r,
		})
	})
	return batch, nil
}

// Ack implements Session.
func (s *kafkaSession) Ack(ctx context.Context, messages []Message) error {
	var records []*kgo.Record
	for _, m := range messages {
		if r, ok := m.Handle.(*kgo.Record); ok {
			records = append(records, r)
		}
	}
	return s.client.CommitRecords(ctx, records...)
}

// Close leaves the group.
func (s *kafkaSession) Close() error {
	s.client.Close()
	return nil
}
