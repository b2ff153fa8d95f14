package queue

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// RabbitMQ is a queue of a RabbitMQ server. A queue that does not exist is declared, durable.
type RabbitMQ struct {
	// Host and Port are the server's; Port is 5672, or 5671 with TLS, when 0.
	Host string
	Port int
	// VHost is "/" when empty.
	VHost          string
	Queue          string
	User, Password string
	// TLS, if set, encrypts the connection.
	TLS *tls.Config
}

// Source names the queue on its server.
func (r *RabbitMQ) Source() string { return "rabbitmq:" + r.vhost() + ":" + r.Queue }

func (r *RabbitMQ) vhost() string {
	if r.VHost == "" {
		return "/"
	}
	return r.VHost
}

// dialTimeout bounds a connection attempt.
const dialTimeout = 10 * time.Second

// Connect implements Broker.
func (r *RabbitMQ) Connect(ctx context.Context) (Session, error) {
	port, scheme := r.Port, "amqp"
	if r.TLS != nil {
		scheme = "amqps"
	}
	if port == 0 {
		port = 5672
		if r.TLS != nil {
			port = 5671
		}
	}
	address := url.URL{Scheme: scheme, Host: net.JoinHostPort(r.Host, strconv.Itoa(port))}
	dialer := &net.Dialer{Timeout: dialTimeout}
	conn, err := amqp.DialConfig(address.String(), amqp.Config{
		SASL:  []amqp.Authentication{&amqp.PlainAuth{Username: r.User, Password: r.Password}},
		Vhost: r.vhost(), TLSClientConfig: r.TLS, Heartbeat: 10 * time.Second,
		Dial: func(network, addr string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			// The library takes the deadline back when the connection is open.
			return c, c.SetDeadline(time.Now().Add(dialTimeout))
		},
	})
	if err != nil {
		return nil, r.explain(address.Host, err)
	}
	s := &rabbitSession{conn: conn, closed: conn.NotifyClose(make(chan *amqp.Error, 1))}
	if err := s.open(r.Queue); err != nil {
		return nil, errors.Join(r.explain(address.Host, err), conn.Close())
	}
	return s, nil
}

// explain tells what is final from what may pass.
func (r *RabbitMQ) explain(host string, err error) error {
	var a *amqp.Error
	if errors.As(err, &a) && (a.Code == amqp.AccessRefused || a.Code == amqp.NotAllowed || a.Code == amqp.PreconditionFailed) {
		return fmt.Errorf("%w: RabbitMQ at %s, user %q, vhost %q, queue %q: %w", ErrRefused, host, r.User, r.vhost(), r.Queue, err)
	}
	return fmt.Errorf("RabbitMQ at %s: %w", host, err)
}

type rabbitSession struct {
	conn    *amqp.Connection
	closed  chan *amqp.Error
	channel *amqp.Channel
	queue   string
	in      <-chan amqp.Delivery
}

// open declares the queue if it is not there; an attempt that fails costs the channel.
func (s *rabbitSession) open(queue string) (err error) {
	s.queue = queue
	if s.channel, err = s.conn.Channel(); err != nil {
		return err
	}
	_, err = s.channel.QueueDeclarePassive(queue, true, false, false, false, nil)
	var a *amqp.Error
	if errors.As(err, &a) && a.Code == amqp.NotFound {
		if s.channel, err = s.conn.Channel(); err != nil {
			return err
		}
		_, err = s.channel.QueueDeclare(queue, true, false, false, false, nil)
	}
	return err
}

// Fetch implements Session.
func (s *rabbitSession) Fetch(ctx context.Context, limit int, wait time.Duration) ([]Message, error) {
	if s.in == nil {
		// As many unacknowledged messages as one batch has.
		if err := s.channel.Qos(min(limit, 65535), 0, false); err != nil {
			return nil, err
		}
		in, err := s.channel.Consume(s.queue, "", false, false, false, false, nil)
		if err != nil {
			return nil, err
		}
		s.in = in
	}
	var batch []Message
	var full <-chan time.Time
	for len(batch) < min(limit, 65535) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err() // what is in the batch is not acknowledged, and comes again
		case <-full:
			return batch, nil
		case d, ok := <-s.in:
			if !ok {
				return nil, s.lost()
			}
			batch = append(batch, Message{ID: d.MessageId, Body: d.Body, Redelivered: d.Redelivered, Handle: d.DeliveryTag})
			if full == nil {
				t := time.NewTimer(wait)
				defer t.Stop()
				full = t.C
			}
		}
	}
	return batch, nil
}

// lost says why the deliveries ended.
func (s *rabbitSession) lost() error {
	select {
	case err := <-s.closed:
		if err != nil {
			return err
		}
	case <-time.After(time.Second):
	}
	return errors.New("the broker ended the subscription: was the queue deleted?")
}

// Ack implements Session.
func (s *rabbitSession) Ack(_ context.Context, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	tag, _ := messages[len(messages)-1].Handle.(uint64)
	return s.channel.Ack(tag, true) // all up to this one, which are these
}

// Close implements Session.
func (s *rabbitSession) Close() error {
	err := s.conn.Close()
	if errors.Is(err, amqp.ErrClosed) {
		return nil
	}
	return err
}
