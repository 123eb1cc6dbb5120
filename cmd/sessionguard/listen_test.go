package main

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
)

func TestTakenPortNamesTheFlag(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	f := func(flag string, args ...string) {
		t.Helper()
		var diagnostics bytes.Buffer
		args = append(args, "--rules", rulesFile, "--"+flag, addr)
		code := run(t.Context(), args, streams{in: strings.NewReader(""), out: &bytes.Buffer{}, err: &diagnostics}, nil)
		want := fmt.Sprintf("sessionguard: another program listens on %s already: choose another address with --%s, or a free port with --%s 127.0.0.1:0\n", addr, flag, flag)
		if code != codeUnusable || diagnostics.String() != want {
			t.Errorf("%q: exit %d and\n%swant\n%s", args, code, diagnostics.String(), want)
		}
	}
	f("listen", "demo")
	f("listen", "run", "--brokers", "127.0.0.1:1")
	f("embedded-listen", "run", "--embedded", "--data", t.TempDir())
}
