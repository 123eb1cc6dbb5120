package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/spf13/pflag"
)

// reachTimeout bounds how long a one-shot command waits for Kafka or the archive.
const reachTimeout = 30 * time.Second

// kafkaFlags are the settings of every command that speaks to Kafka.
func kafkaFlags(f *pflag.FlagSet, s *kafka.Settings) {
	f.StringSliceVar(&s.Brokers, "brokers", nil, "Kafka brokers, `HOST:PORT,...`")
	f.StringVar(&s.TopicPrefix, "topic-prefix", "", "`TEXT` before every topic's name")
	f.BoolVar(&s.TLS.Enabled, "tls", false, "encrypt connections to Kafka; implied by the other --tls flags")
	f.StringVar(&s.TLS.CAFile, "tls-ca", "", "PEM `FILE` of the authorities to trust; default: the system's")
	f.StringVar(&s.TLS.CertFile, "tls-cert", "", "PEM `FILE` of the client certificate")
	f.StringVar(&s.TLS.KeyFile, "tls-key", "", "PEM `FILE` of its private key")
	f.StringVar(&s.TLS.ServerName, "tls-server-name", "", "`NAME` expected in the brokers' certificate; default: the host dialled")
	f.StringVar(&s.SASL.Mechanism, "sasl-mechanism", "", "plain, scram-sha-256 or scram-sha-512")
	f.StringVar(&s.SASL.User, "sasl-user", "", "user `NAME` for SASL")
	f.StringVar(&s.SASL.Password, "sasl-password", "", "password for SASL; better in SESSIONGUARD_SASL_PASSWORD_FILE")
	markSecret(f, "sasl-password", secretWhole)
}

// connectKafka prepares a connection; it contacts nothing.
func connectKafka(s kafka.Settings, log *slog.Logger) (*kafka.Cluster, error) {
	if len(s.Brokers) == 0 {
		return nil, misused("say where Kafka is: --brokers HOST:PORT,...")
	}
	cluster, err := kafka.Connect(s, log)
	if err != nil {
		return nil, unusable("%w", err)
	}
	return cluster, nil
}

// reachKafka prepares a connection and asks once whether Kafka answers.
func reachKafka(ctx context.Context, s kafka.Settings) (*kafka.Cluster, error) {
	cluster, err := connectKafka(s, nil)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	if err := cluster.Reach(ctx); err != nil {
		cluster.Close()
		return nil, unreachable("%w", err)
	}
	return cluster, nil
}
