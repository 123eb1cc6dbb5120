package clickhouse

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// parse reads an archive's URL. Errors never quote it: it may hold a password.
func parse(text string) (*clickhouse.Options, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "clickhouse" || u.Host == "" {
		return nil, errors.New("the archive's URL is not of the form clickhouse://user:password@host:9000/database")
	}
	q := u.Query()
	ca, cert, key := q.Get("ca"), q.Get("cert"), q.Get("key")
	for _, ours := range []string{"ca", "cert", "key"} {
		q.Del(ours)
	}
	u.RawQuery = q.Encode()
	options, err := clickhouse.ParseDSN(u.String())
	if err != nil {
		return nil, errors.New("the archive's URL has a setting that is not valid")
	}
	defaults(options)
	if ca == "" && cert == "" && key == "" {
		return options, nil
	}
	if options.TLS == nil {
		return nil, errors.New("the archive's URL names certificates, but not secure=true")
	}
	return options, certificates(options.TLS, ca, cert, key)
}

func certificates(c *tls.Config, ca, cert, key string) error {
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return fmt.Errorf("read the archive's ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("read the archive's ca: %q holds no certificate", ca)
		}
	}
	if cert == "" && key == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("read the archive's client certificate: %w", err)
	}
	c.Certificates = []tls.Certificate{pair}
	return nil
}
