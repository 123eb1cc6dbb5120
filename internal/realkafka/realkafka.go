// Package realkafka runs Apache Kafka itself for tests: one KRaft node from the jars of Maven Central, with a plain, a
// TLS and a SASL listener on loopback. .ci/kafka fetches the jars.
package realkafka

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// LibsVariable names the environment variable that holds the folder of Kafka's jars.
const LibsVariable = "KAFKA_LIBS"

// User and Password log in on the SASL listener with PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.
const (
	User     = "sessionguard"
	Password = "correct horse"
)

// Kafka is a running node. Its files live in the test's temporary folder.
type Kafka struct {
	Plain string // host:port without encryption and login
	TLS   string // host:port with TLS; clients need a certificate
	SASL  string // host:port with a login, without encryption

	CAFile, CertFile, KeyFile string // PEM, for clients of the TLS listener
}

// Start starts a node and stops it when the test ends. Without the jars or without Java the test is skipped.
func Start(t testing.TB) *Kafka {
	t.Helper()
	java, libs := Needs(t)
	dir := t.TempDir()
	ports := freePorts(t, 4)
	k := &Kafka{Plain: ports[0], TLS: ports[1], SASL: ports[2]}
	if err := k.certificates(dir); err != nil {
		t.Fatal(err)
	}
	properties := filepath.Join(dir, "server.properties")
	if err := os.WriteFile(properties, []byte(k.properties(dir, ports[3])), 0o600); err != nil {
		t.Fatal(err)
	}
	classpath := filepath.Join(libs, "*")
	format := exec.Command(java, "-cp", classpath, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", properties,
		"--add-scram", scram("SCRAM-SHA-256"), "--add-scram", scram("SCRAM-SHA-512"))
	if out, err := format.CombinedOutput(); err != nil {
		t.Fatalf("format Kafka's storage: %v\n%s", err, out)
	}
	k.serve(t, exec.Command(java, "-Xmx512m", "-cp", classpath, "kafka.Kafka", properties), dir)
	return k
}

// serve runs the node until the test ends and waits until it answers.
func (k *Kafka) serve(t testing.TB, node *exec.Cmd, dir string) {
	logPath := filepath.Join(dir, "kafka.log")
	logFile, err := os.Create(logPath)
	if err != nil {
		t.Fatal(err)
	}
	node.Stdout, node.Stderr, node.Dir = logFile, logFile, dir
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		node.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		node.Process.Kill()
		<-ended
		logFile.Close()
	})
	for deadline := time.Now().Add(2 * time.Minute); !k.answers(); time.Sleep(100 * time.Millisecond) {
		select {
		case <-ended:
		default:
			if time.Now().Before(deadline) {
				continue
			}
		}
		text, _ := os.ReadFile(logPath)
		t.Fatalf("Kafka did not start:\n%s", text)
	}
}

// answers says whether every listener is open.
func (k *Kafka) answers() bool {
	for _, address := range []string{k.Plain, k.TLS, k.SASL} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		conn.Close()
	}
	return true
}

func scram(mechanism string) string {
	return fmt.Sprintf("%s=[name=%s,password=%s]", mechanism, User, Password)
}

func (k *Kafka) properties(dir, controller string) string {
	client := fmt.Sprintf("PLAINTEXT://%s,SSL://%s,SASL://%s", k.Plain, k.TLS, k.SASL)
	return strings.Join([]string{
		"process.roles=broker,controller",
		"node.id=1",
		"controller.quorum.voters=1@" + controller,
		"controller.listener.names=CONTROLLER",
		"inter.broker.listener.name=PLAINTEXT",
		"listeners=" + client + ",CONTROLLER://" + controller,
		"advertised.listeners=" + client,
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
		"log.dirs=" + filepath.Join(dir, "data"),
		"offsets.topic.replication.factor=1",
		"offsets.topic.num.partitions=1",
		"transaction.state.log.replication.factor=1",
		"transaction.state.log.min.isr=1",
		"group.initial.rebalance.delay.ms=0",
		"group.min.session.timeout.ms=1000", // so that a killed member is gone soon
		"auto.create.topics.enable=false",
		"ssl.keystore.type=PEM",
		"ssl.keystore.location=" + filepath.Join(dir, "broker.pem"),
		"ssl.truststore.type=PEM",
		"ssl.truststore.location=" + k.CAFile,
		"ssl.client.auth=required",
		"sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
		fmt.Sprintf("listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=%q;", User, Password),
		"listener.name.sasl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		"listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
	}, "\n") + "\n"
}

// freePorts gives loopback addresses that nothing listened on a moment ago.
func freePorts(t testing.TB, n int) []string {
	var addresses []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addresses = append(addresses, l.Addr().String())
	}
	return addresses
}

// Tool runs one of Kafka's own command-line tools by its class, with text on its standard input, and gives what it printed. Without the
// jars or without Java the test is skipped.
func Tool(t testing.TB, stdin, class string, args ...string) string {
	t.Helper()
	java, libs := Needs(t)
	cmd := exec.Command(java, append([]string{"-cp", filepath.Join(libs, "*"), class}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", class, err, problems.String())
	}
	return string(out)
}

// Needs gives Java and the folder of the jars, or skips the test.
func Needs(t testing.TB) (java, libs string) {
	t.Helper()
	if libs = os.Getenv(LibsVariable); libs == "" {
		t.Skipf("%s is not set: it names the folder of Apache Kafka's jars, which `.ci/kafka FOLDER` fills", LibsVariable)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		t.Skip("java is not installed: Apache Kafka needs it")
	}
	return java, libs
}
