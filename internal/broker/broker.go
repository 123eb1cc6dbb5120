// Package broker runs a small Kafka broker inside this process, for the demo, for `run --embedded` and for tests. It is
// franz-go's kfake: it speaks Kafka's protocol to any client, but it is not Kafka; production needs a real one.
package broker

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Config says how to start a Broker.
type Config struct {
	Listen     string   // loopback host:port, as "127.0.0.1:9092"; "": a free port
	Dir        string   // keeps topics, records and offsets over restarts; "": in memory
	Topics     []string // made when the broker starts for the first time
	Partitions int      // of each of Topics

	MinSessionTimeout time.Duration // of consumer groups; 0: 6 s, as Kafka's
}

// Broker is a running broker. It is safe for concurrent use.
type Broker struct {
	Addr    string         // host:port for clients
	Cluster *kfake.Cluster // for tests: faults, leader moves, deleted records
}

// Start starts a broker. An error names the address or the folder that cannot be used.
func Start(cfg Config) (*Broker, error) {
	port, err := loopbackPort(cfg.Listen)
	if err != nil {
		return nil, err
	}
	cluster, err := kfake.NewCluster(options(cfg, port)...)
	if err != nil {
		return nil, fmt.Errorf("start embedded broker on %q with data in %q: %w", cfg.Listen, cfg.Dir, err)
	}
	return &Broker{Addr: cluster.ListenAddrs()[0], Cluster: cluster}, nil
}

// Close stops the broker and writes what it keeps to its folder.
func (b *Broker) Close() { b.Cluster.Close() }

func options(cfg Config, port int) []kfake.Opt {
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.ClusterID("sessionguard-embedded")}
	if port != 0 {
		opts = append(opts, kfake.Ports(port))
	}
	if cfg.Dir != "" {
		opts = append(opts, kfake.DataDir(cfg.Dir))
	}
	if cfg.MinSessionTimeout != 0 {
		opts = append(opts, kfake.GroupMinSessionTimeout(cfg.MinSessionTimeout))
	}
	if len(cfg.Topics) > 0 {
		opts = append(opts, kfake.SeedTopics(int32(cfg.Partitions), cfg.Topics...))
	}
	return opts
}

// loopbackPort refuses every address but IPv4 loopback: the broker asks nobody for a password.
func loopbackPort(listen string) (int, error) {
	if listen == "" {
		return 0, nil
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return 0, fmt.Errorf("read broker address %q: %w", listen, err)
	}
	if host != "127.0.0.1" && host != "localhost" {
		return 0, fmt.Errorf("the embedded broker listens on 127.0.0.1 only, not on %q", host)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("read port of broker address %q: %w", listen, err)
	}
	return int(n), nil
}
