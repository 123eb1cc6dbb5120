package kafka

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConnectRefusesUnusableSettings(t *testing.T) {
	noPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noPEM, []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := []string{"127.0.0.1:9092"}
	for want, s := range map[string]Settings{
		"no broker is named":                 {},
		`broker "kafka" is not host:port`:    {Brokers: []string{"kafka"}},
		"needs both its file and its key":    {Brokers: at, TLS: TLS{CertFile: "client.pem"}},
		"holds no PEM certificate":           {Brokers: at, TLS: TLS{CAFile: noPEM}},
		"no such file":                       {Brokers: at, TLS: TLS{CAFile: "missing.pem"}},
		"read client certificate":            {Brokers: at, TLS: TLS{CertFile: noPEM, KeyFile: noPEM}},
		"password without a SASL mechanism":  {Brokers: at, SASL: SASL{Password: "hunter2"}},
		`SASL mechanism "gssapi" is unknown`: {Brokers: at, SASL: SASL{Mechanism: "gssapi"}},
	} {
		_, err := Connect(s, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	if _, err := Connect(Settings{}, nil); !strings.Contains(err.Error(), "no broker") {
		t.Error(err)
	}
}

func TestBriefErrorsKeepTheirKind(t *testing.T) {
	kind := &GapError{Topic: strings.Repeat("x", 10_000)}
	got := brief(kind)
	if _, ok := asGap(got); len(got.Error()) > 400 || !ok {
		t.Errorf("%d bytes, gap %v", len(got.Error()), ok)
	}
	if short := errors.New("short"); brief(short) != short {
		t.Error("a short error was changed")
	}
}
