package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// Settings are what a connection to Kafka needs. Every field but Brokers may be left zero.
type Settings struct {
	Brokers     []string // host:port
	TopicPrefix string   // put before every topic's name
	ClientID    string   // as brokers log it; "" is sessionguard
	TLS         TLS
	SASL        SASL
}

// TLS says how connections are encrypted. Files are PEM.
type TLS struct {
	Enabled    bool   // also true when one of the others is set
	CAFile     string // whom to trust; "": what the system trusts
	CertFile   string // client certificate, with its chain
	KeyFile    string // its private key
	ServerName string // expected in the broker's certificate; "": the host dialled
}

// SASL says as whom to log in.
type SASL struct {
	Mechanism string // plain, scram-sha-256 or scram-sha-512; "": no login
	User      string
	Password  string
}

// check gives every fault of the settings, not only the first.
func (s Settings) check() error {
	var faults []error
	if len(s.Brokers) == 0 {
		faults = append(faults, errors.New("no broker is named"))
	}
	for _, b := range s.Brokers {
		if _, port, err := net.SplitHostPort(b); err != nil || port == "" {
			faults = append(faults, fmt.Errorf("broker %q is not host:port", b))
		}
	}
	if (s.TLS.CertFile == "") != (s.TLS.KeyFile == "") {
		faults = append(faults, errors.New("a client certificate needs both its file and its key's file"))
	}
	if s.SASL.Mechanism == "" && (s.SASL.User != "" || s.SASL.Password != "") {
		faults = append(faults, errors.New("a user or password without a SASL mechanism: choose plain, scram-sha-256 or scram-sha-512"))
	}
	return errors.Join(faults...)
}

// config reads the files; nil means no TLS.
func (t TLS) config() (*tls.Config, error) {
	if t == (TLS{}) {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read CA certificates: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read CA certificates: %q holds no PEM certificate", t.CAFile)
		}
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read client certificate %q with key %q: %w", t.CertFile, t.KeyFile, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// mechanism builds the login; nil means none.
func (s SASL) mechanism() (sasl.Mechanism, error) {
	mechanism := strings.ToLower(s.Mechanism)
	known := mechanism == "plain" || mechanism == "scram-sha-256" || mechanism == "scram-sha-512"
	if known && (s.User == "" || s.Password == "") {
		return nil, fmt.Errorf("SASL mechanism %q needs a user and a password", s.Mechanism)
	}
	switch mechanism {
	case "":
		return nil, nil
	case "plain":
		return plain.Mechanism{Username: s.User, Password: s.Password}, nil
	case "scram-sha-256":
		return scram.Mechanism(scram.SHA256, s.User, s.Password)
	case "scram-sha-512":
		return scram.Mechanism(scram.SHA512, s.User, s.Password)
	}
	return nil, fmt.Errorf("SASL mechanism %q is unknown: choose plain, scram-sha-256 or scram-sha-512", s.Mechanism)
}
