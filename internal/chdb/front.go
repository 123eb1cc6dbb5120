package chdb

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// Faults break a front on purpose. A function that is nil never does; one may be called from several goroutines.
type Faults struct {
	// Refuse closes a new connection at once.
	Refuse func() bool
	// Fail answers a query with an error instead of running it.
	Fail func(query string) *Error
	// DropInsert closes the connection after an INSERT's data has come and before the engine has it.
	DropInsert func(query string) bool
	// DropAck closes the connection after the engine has an INSERT's data and before the client is told.
	DropAck func(query string) bool
}

// Front serves an engine on the native protocol over TCP.
type Front struct {
	Addr     string // host:port
	engine   *Engine
	faults   Faults
	listener net.Listener
	folder   string // for the data of INSERTs
	serving  sync.WaitGroup

	mu struct {
		sync.Mutex
		conns    map[net.Conn]bool
		inserts  int    // names files
		database string // that the engine uses now
	}
}

// Serve listens on an address ("127.0.0.1:0": any free port) until Close.
func Serve(e *Engine, addr string, faults Faults) (*Front, error) {
	folder, err := os.MkdirTemp("", "chdb-front")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("serve ClickHouse: %w", err)
	}
	f := &Front{Addr: l.Addr().String(), engine: e, faults: faults, listener: l, folder: folder}
	f.mu.conns = map[net.Conn]bool{}
	f.serving.Go(f.accept)
	return f, nil
}

// Close ends all connections and waits for them. The engine stays open.
func (f *Front) Close() {
	f.listener.Close()
	f.mu.Lock()
	for c := range f.mu.conns {
		c.Close()
	}
	f.mu.Unlock()
	f.serving.Wait()
	os.RemoveAll(f.folder)
}

func (f *Front) accept() {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		if f.faults.Refuse != nil && f.faults.Refuse() {
			c.Close()
			continue
		}
		f.mu.Lock()
		f.mu.conns[c] = true
		f.mu.Unlock()
		f.serving.Go(func() {
			newSession(f, c).serve()
			c.Close()
			f.mu.Lock()
			delete(f.mu.conns, c)
			f.mu.Unlock()
		})
	}
}

// use makes a database the engine's current one, as the client that asks next expects it.
func (f *Front) use(database string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if database == "" || database == f.mu.database {
		return nil
	}
	if _, err := f.engine.Query("USE `"+database+"`", "Native"); err != nil {
		return err
	}
	f.mu.database = database
	return nil
}

// spool gives the name of a new file for an INSERT's data.
func (f *Front) spool() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mu.inserts++
	return filepath.Join(f.folder, fmt.Sprintf("insert-%d.native", f.mu.inserts))
}
