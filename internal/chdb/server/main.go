// The program server runs the ClickHouse engine of a library on the native protocol, for .ci: see package chdb.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/sessionguard/sessionguard/internal/chdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:9000", "address to serve the native protocol on")
	data := flag.String("data", "", "folder of the data, kept")
	flag.Parse()
	if err := run(*listen, *data); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(3)
	}
}

func run(listen, data string) error {
	if data == "" {
		return fmt.Errorf("--data is missing")
	}
	e, err := chdb.Open(data)
	if err != nil {
		return err
	}
	defer e.Close()
	f, err := chdb.Serve(e, listen, chdb.Faults{})
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Println("clickhouse: listening on", f.Addr)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
	return nil
}
