package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/queue"
	"github.com/recsys-lite/recsys/store"
)

func newQueueIngest(s settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queue-ingest",
		Short: "Import events from a message queue",
		Long: `Import events from a message queue into the database, until stopped.

A message is a JSON object such as
  {"user_id": "12347", "item_id": "85123A", "ts": 1700000000, "qty": 1, "event_type": "view"}
or an array of them; ts (Unix seconds or RFC 3339, the time of arrival when absent), qty (1) and
event_type (purchase) may be left out. Messages are acknowledged when their batch is committed,
and one that is delivered again changes nothing. What cannot be used goes to the table
dead_letters with the reason. A connection that breaks is opened again. The log is
LOG_DIR/queue-ingest.log.`,
		Example: `  recsys-lite queue-ingest rabbitmq --rabbitmq-host localhost --rabbitmq-queue events
  recsys-lite queue-ingest kafka --kafka-servers localhost:9092 --kafka-topic events`,
	}
	cmd.AddCommand(newQueueRabbitMQ(s), newQueueKafka(s), newDeadLetters(s))
	return cmd
}

func newQueueRabbitMQ(s settings) *cobra.Command {
	q, b := &consumer{settings: s}, &queue.RabbitMQ{}
	cmd := &cobra.Command{
		Use:   "rabbitmq",
		Short: "Import events from a RabbitMQ queue",
		Long: `Import events from a RabbitMQ queue into the database, until stopped. A queue that does not
exist is declared, durable. The password is $RABBITMQ_PASSWORD.

A message is known by its message-id property. Without one it is known by its content: where
every event has a ts, two equal messages are one; where not, only when the server says that it
delivers again.`,
		Example: `  recsys-lite queue-ingest rabbitmq --db data/recsys.db --rabbitmq-host localhost --rabbitmq-queue events
  RABBITMQ_PASSWORD=… recsys-lite queue-ingest rabbitmq --rabbitmq-user shop --tls --tls-ca ca.pem`,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if b.Port < 0 || b.Port > 65535 || b.Host == "" || b.Queue == "" {
				return usagef("--rabbitmq-host %q, --rabbitmq-port %d, --rabbitmq-queue %q: a host, a port up to 65535 and a queue are needed", b.Host, b.Port, b.Queue)
			}
			b.Password = s.RabbitPassword
			if b.TLS, err = q.tls.config(); err != nil {
				return err
			}
			return q.run(cmd, b)
		},
	}
	f := cmd.Flags()
	f.StringVar(&b.Host, "rabbitmq-host", "localhost", "`HOST` of the server")
	f.IntVar(&b.Port, "rabbitmq-port", 0, "port of the server; 0 is 5672, or 5671 with --tls")
	f.StringVar(&b.Queue, "rabbitmq-queue", "events", "`NAME` of the queue")
	f.StringVar(&b.VHost, "rabbitmq-vhost", "/", "virtual host of the queue")
	f.StringVar(&b.User, "rabbitmq-user", s.RabbitUser, "user name [$RABBITMQ_USER]")
	q.add(cmd, s)
	return cmd
}

func newQueueKafka(s settings) *cobra.Command {
	q, b := &consumer{settings: s}, &queue.Kafka{}
	cmd := &cobra.Command{
		Use:   "kafka",
		Short: "Import events from a Kafka topic",
		Long: `Import events from a Kafka topic into the database, until stopped. The topic is read by a
consumer group, from its oldest message when the group is new. The password is
$KAFKA_PASSWORD.

A message is known by its topic, partition, offset and content, so that another group, or a
group that was set back, changes nothing.`,
		Example: `  recsys-lite queue-ingest kafka --db data/recsys.db --kafka-servers localhost:9092 --kafka-topic events
  KAFKA_PASSWORD=… recsys-lite queue-ingest kafka --kafka-servers a:9093,b:9093 --kafka-user shop --kafka-sasl scram-sha-512 --tls`,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if len(b.Servers) == 0 || slices.Contains(b.Servers, "") || b.Topic == "" || b.Group == "" {
				return usagef("--kafka-servers, --kafka-topic and --kafka-group must not be empty")
			}
			if cmd.Flags().Changed("kafka-sasl") && b.User == "" {
				return usagef("--kafka-sasl %s needs --kafka-user", b.Mechanism)
			}
			b.Password = s.KafkaPassword
			if b.TLS, err = q.tls.config(); err != nil {
				return err
			}
			return q.run(cmd, b)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&b.Servers, "kafka-servers", []string{"localhost:9092"}, "`HOST:PORT` of some servers, separated by commas")
	f.StringVar(&b.Topic, "kafka-topic", "events", "`NAME` of the topic")
	f.StringVar(&b.Group, "kafka-group", "recsys-lite", "`NAME` of the consumer group")
	f.StringVar(&b.User, "kafka-user", s.KafkaUser, "user name for SASL, none when empty [$KAFKA_USER]")
	f.StringVar(&b.Mechanism, "kafka-sasl", "plain", "how to authenticate: plain, scram-sha-256 or scram-sha-512")
	q.add(cmd, s)
	return cmd
}

// consumer is one run of queue-ingest.
type consumer struct {
	settings settings
	db       dbFlags
	batch    int
	poll     float64
	tls      tlsFlags
}

func (q *consumer) add(cmd *cobra.Command, s settings) {
	f := cmd.Flags()
	q.db.add(cmd, s)
	f.IntVar(&q.batch, "batch-size", 1000, "largest number of messages that are one commit")
	f.Float64Var(&q.poll, "poll-interval", 1, "`SECONDS` that a batch that is not full waits for more messages")
	f.StringVar(&q.settings.LogDir, "log-dir", s.LogDir, "`DIR` of queue-ingest.log; empty logs to the terminal only [$LOG_DIR]")
	f.StringVar(&q.settings.LogLevel, "log-level", s.LogLevel, "DEBUG, INFO, WARN or ERROR [$LOG_LEVEL]")
	q.tls.add(cmd)
}

func (q *consumer) run(cmd *cobra.Command, b queue.Broker) error {
	if q.batch < 1 || q.batch > 65535 {
		return usagef("--batch-size is %d, it must lie between 1 and 65535", q.batch)
	}
	if !(q.poll >= 0 && q.poll <= 3600) {
		return usagef("--poll-interval is %v, it must lie between 0 and 3600 seconds", q.poll)
	}
	log, closeLog, err := newLog(q.settings, "queue-ingest.log", cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer closeLog()
	err = queue.Run(cmd.Context(), b, queue.Options{
		BatchSize: q.batch, Wait: time.Duration(q.poll * float64(time.Second)), Take: q.take, Log: log,
	})
	if cmd.Context().Err() != nil {
		log.Info("stopped")
		return nil // it was asked to
	}
	if errors.Is(err, recsys.ErrInvalidConfig) {
		return usageError{err}
	}
	return err
}

// take commits a batch. The database is open for that long only.
func (q *consumer) take(ctx context.Context, source string, batch []recsys.Delivery) (done recsys.Delivered, err error) {
	db, err := q.db.open(ctx, store.Options{})
	if err != nil {
		return done, err
	}
	done, err = db.Deliver(ctx, source, batch)
	return done, errors.Join(err, db.Close())
}

// tlsFlags say how a connection is encrypted.
type tlsFlags struct {
	on            bool
	ca, cert, key string
}

func (t *tlsFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&t.on, "tls", false, "encrypt the connection")
	f.StringVar(&t.ca, "tls-ca", "", "`FILE` of the authorities to trust, in PEM; those of the system when empty")
	f.StringVar(&t.cert, "tls-cert", "", "`FILE` of our own certificate, in PEM; none when empty")
	f.StringVar(&t.key, "tls-key", "", "`FILE` of its key, in PEM")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
}

// config is nil without --tls.
func (t *tlsFlags) config() (*tls.Config, error) {
	if !t.on {
		if t.ca != "" || t.cert != "" {
			return nil, usagef("--tls-ca, --tls-cert and --tls-key need --tls")
		}
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.ca != "" {
		text, err := os.ReadFile(t.ca)
		if err != nil {
			return nil, fmt.Errorf("--tls-ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("--tls-ca: %s holds no certificate in PEM", t.ca)
		}
	}
	if t.cert != "" {
		pair, err := tls.LoadX509KeyPair(t.cert, t.key)
		if err != nil {
			return nil, fmt.Errorf("--tls-cert: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func newDeadLetters(s settings) *cobra.Command {
	var db dbFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "dead-letters",
		Short: "List the messages that could not be used",
		Long: `List what arrived through a queue and could not be used, with the reason, oldest first. JSON
has the whole bodies; where one is not UTF-8, it is in base64 under the name body_base64.`,
		Example: `  recsys-lite queue-ingest dead-letters --db data/recsys.db --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			letters, err := readDeadLetters(cmd.Context(), &db)
			if err != nil {
				return err
			}
			return printDeadLetters(cmd.OutOrStdout(), letters, asJSON)
		},
	}
	db.add(cmd, s)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
