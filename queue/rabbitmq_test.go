//go:build unix

package queue_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/queue"
)

// serverPath is Debian's. (What stands in /usr/sbin changes the user.)
const serverPath = "/usr/lib/rabbitmq/bin/rabbitmq-server"

// rabbit is a server of the test's own: its ports, data, name and daemons are nobody else's.
type rabbit struct {
	testing.TB
	dir             string
	port, tls, dist int
	epmd            int
	cmd             *exec.Cmd
	ca              *x509.CertPool
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func startRabbit(t testing.TB) *rabbit {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a RabbitMQ server")
	}
	if _, err := os.Stat(serverPath); err != nil {
		t.Skipf("no RabbitMQ server to test against (apt-get install rabbitmq-server): %v", err)
	}
	epmd, err := exec.LookPath("epmd")
	if err != nil {
		t.Skip("no epmd to test with, which comes with Erlang:", err)
	}
	r := &rabbit{TB: t, dir: t.TempDir(), port: freePort(t), tls: freePort(t), dist: freePort(t), epmd: freePort(t)}
	r.certificates()
	// Erlang's port mapper would otherwise be started as a daemon that outlives us.
	mapper := exec.Command(epmd, "-port", strconv.Itoa(r.epmd), "-address", "127.0.0.1")
	require.NoError(t, mapper.Start())
	t.Cleanup(func() {
		_ = mapper.Process.Kill()
		_ = mapper.Wait()
	})
	require.Eventually(t, func() bool { return answers(r.epmd) }, 20*time.Second, 20*time.Millisecond, "epmd")
	t.Cleanup(r.stop)
	r.start()
	return r
}

func answers(port int) bool {
	c, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

func (r *rabbit) start() {
	r.Helper()
	log, err := os.OpenFile(filepath.Join(r.dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(r, err)
	defer log.Close()
	config := fmt.Sprintf("listeners.tcp.1 = 127.0.0.1:%d\nlisteners.ssl.1 = 127.0.0.1:%d\n"+
		"ssl_options.cacertfile = %[3]s/ca.pem\nssl_options.certfile = %[3]s/server.pem\nssl_options.keyfile = %[3]s/server.key\n", r.port, r.tls, r.dir)
	require.NoError(r, os.WriteFile(filepath.Join(r.dir, "rabbitmq.conf"), []byte(config), 0o600))
	require.NoError(r, os.WriteFile(filepath.Join(r.dir, "enabled_plugins"), []byte("[]."), 0o600))
	r.cmd = exec.Command(serverPath)
	r.cmd.Env = append(os.Environ(), "HOME="+r.dir, "ERL_EPMD_PORT="+strconv.Itoa(r.epmd), "ERL_EPMD_ADDRESS=127.0.0.1",
		fmt.Sprintf("RABBITMQ_NODENAME=recsys-test-%d@localhost", os.Getpid()), "RABBITMQ_DIST_PORT="+strconv.Itoa(r.dist),
		"RABBITMQ_CONFIG_FILE="+r.dir+"/rabbitmq.conf", "RABBITMQ_ENABLED_PLUGINS_FILE="+r.dir+"/enabled_plugins",
		"RABBITMQ_MNESIA_BASE="+r.dir+"/mnesia", "RABBITMQ_LOG_BASE="+r.dir+"/log", "RABBITMQ_PID_FILE="+r.dir+"/pid",
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}")
	r.cmd.Stdout, r.cmd.Stderr = log, log
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(r, r.cmd.Start())
	require.Eventually(r, func() bool {
		c, err := amqp.Dial(r.url())
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, 100*time.Second, 100*time.Millisecond, "the server did not start, see %s", log.Name())
}

func (r *rabbit) url() string { return fmt.Sprintf("amqp://guest:guest@127.0.0.1:%d/", r.port) }

// stop ends the server and what it started, by their process group, which is ours.
func (r *rabbit) stop() {
	if r.cmd == nil || r.cmd.ProcessState != nil {
		return
	}
	_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
	_ = r.cmd.Wait() // reports the kill
}

// certificates makes an authority and the server's certificate.
func (r *rabbit) certificates() {
	r.Helper()
	key := func() *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(r, err)
		return k
	}
	write := func(name, kind string, der []byte) {
		require.NoError(r, os.WriteFile(filepath.Join(r.dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	caKey, serverKey := key(), key()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	require.NoError(r, err)
	server := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	serverDER, err := x509.CreateCertificate(rand.Reader, server, ca, serverKey.Public(), caKey)
	require.NoError(r, err)
	write("ca.pem", "CERTIFICATE", caDER)
	write("server.pem", "CERTIFICATE", serverDER)
	write("server.key", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(serverKey))
	r.ca = x509.NewCertPool()
	authority, err := x509.ParseCertificate(caDER)
	require.NoError(r, err)
	r.ca.AddCert(authority)
}

// publish sends persistent messages, confirmed by the server.
func (r *rabbit) publish(queueName string, messages ...amqp.Publishing) {
	r.Helper()
	conn, err := amqp.Dial(r.url())
	require.NoError(r, err)
	defer conn.Close()
	ch, err := conn.Channel()
	require.NoError(r, err)
	require.NoError(r, ch.Confirm(false))
	for _, m := range messages {
		m.DeliveryMode = amqp.Persistent
		c, err := ch.PublishWithDeferredConfirm("", queueName, true, false, m)
		require.NoError(r, err)
		ok, err := c.WaitContext(context.Background())
		require.NoError(r, err)
		require.True(r, ok)
	}
}

// ready is the number of messages that wait in the queue.
func (r *rabbit) ready(queueName string) int {
	r.Helper()
	conn, err := amqp.Dial(r.url())
	require.NoError(r, err)
	defer conn.Close()
	ch, err := conn.Channel()
	require.NoError(r, err)
	q, err := ch.QueueDeclarePassive(queueName, true, false, false, false, nil)
	require.NoError(r, err)
	return q.Messages
}

func text(body string) amqp.Publishing { return amqp.Publishing{Body: []byte(body)} }

func TestRabbitMQ(t *testing.T) {
	r := startRabbit(t)
	s := newShop(t)
	b := &queue.RabbitMQ{Host: "127.0.0.1", Port: r.port, Queue: "events", User: "guest", Password: "guest"}

	// The queue is declared when it is not there, and events, batches and poison are told apart.
	stop := s.consume(b, 3)
	require.Eventually(t, func() bool {
		session, err := b.Connect(t.Context())
		return err == nil && session.Close() == nil
	}, 20*time.Second, 50*time.Millisecond)
	r.publish("events", text(event("a", 1)), text("poison"), text("["+event("b", 2)+","+event("c", 3)+"]"),
		text(`{"user_id":"d","item_id":"click"}`), text(`{"user_id":"d","item_id":"click"}`), text(event("a", 1)),
		amqp.Publishing{Body: []byte(`{"user_id":"e","item_id":"x"}`), MessageId: "m-1"}, amqp.Publishing{Body: []byte(`{"user_id":"e","item_id":"x"}`), MessageId: "m-1"})
	s.until(func(d recsys.Delivered) bool { return d.Events == 6 && d.Dead == 1 && d.Repeated == 2 })
	stop()
	require.Zero(t, r.ready("events"))

	// Messages whose batch is not committed come again.
	r.publish("events", text(event("f", 6)), text(event("f", 7)))
	session, err := b.Connect(t.Context())
	require.NoError(t, err)
	batch, err := session.Fetch(t.Context(), 10, 100*time.Millisecond)
	require.NoError(t, err)
	require.NotEmpty(t, batch)
	require.False(t, batch[0].Redelivered)
	require.NoError(t, session.Close())
	require.Equal(t, 2, r.ready("events"))

	// Committed, but not acknowledged: known.
	session, err = b.Connect(t.Context())
	require.NoError(t, err)
	batch, err = session.Fetch(t.Context(), 2, time.Second)
	require.NoError(t, err)
	require.Len(t, batch, 2)
	require.True(t, batch[0].Redelivered)
	_, err = s.take(t.Context(), b.Source(), []recsys.Delivery{queue.Parse(batch[0], time.Now()), queue.Parse(batch[1], time.Now())})
	require.NoError(t, err)
	require.NoError(t, session.Close())
	repeated := s.total.Repeated
	stop = s.consume(b, 100)
	s.until(func(d recsys.Delivered) bool { return d.Repeated == repeated+2 })
	require.Len(t, s.events(), 8)

	// The server goes down and comes back.
	r.stop()
	r.start()
	r.publish("events", text(event("g", 8)))
	s.until(func(d recsys.Delivered) bool { return d.Events == 9 })
	stop()

	// TLS, and who is not let in.
	encrypted := &queue.RabbitMQ{Host: "127.0.0.1", Port: r.tls, Queue: "events", User: "guest", Password: "guest", TLS: &tls.Config{RootCAs: r.ca}}
	session, err = encrypted.Connect(t.Context())
	require.NoError(t, err)
	require.NoError(t, session.Close())
	encrypted.TLS = &tls.Config{}
	_, err = encrypted.Connect(t.Context())
	require.ErrorContains(t, err, "certificate")
	b.Password = "wrong"
	_, err = b.Connect(t.Context())
	require.ErrorIs(t, err, queue.ErrRefused)
	require.ErrorContains(t, err, `user "guest"`)
	b.Password, b.VHost = "guest", "nowhere"
	_, err = b.Connect(t.Context())
	require.ErrorIs(t, err, queue.ErrRefused)
}
