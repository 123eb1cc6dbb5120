// Package chdb runs the real ClickHouse engine in a test: it loads libchdb.so, which is that engine as a shared library, and
// serves it on the native TCP protocol, so that the product's own client talks to it unchanged.
//
// It is a test fixture: one query at a time, no users, never in the shipped binary, and no measure of ClickHouse's speed.
package chdb

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// LibraryEnv is the environment variable that holds the path of libchdb.so. The script .ci/clickhouse installs it.
const LibraryEnv = "CHDB_LIB"

// ErrNoLibrary says that LibraryEnv is not set: a reason to skip a test.
var ErrNoLibrary = errors.New(LibraryEnv + " is not set: .ci/clickhouse installs the library that it names")

// Engine is ClickHouse with its data in a folder. A process can have one at a time. It is safe for concurrent use.
type Engine struct {
	mu   sync.Mutex
	lib  library
	conn *uintptr
}

// library is the part of libchdb's C interface that we call.
type library struct {
	connect func(argc int32, argv **byte) *uintptr
	close   func(conn *uintptr)
	query   func(conn uintptr, q unsafe.Pointer, qlen uintptr, format unsafe.Pointer, flen uintptr) uintptr
	buffer  func(result uintptr) unsafe.Pointer
	length  func(result uintptr) uintptr
	failure func(result uintptr) string
	destroy func(result uintptr)
}

// Open loads the library named by LibraryEnv and opens the engine over a folder.
func Open(folder string) (*Engine, error) {
	file := os.Getenv(LibraryEnv)
	if file == "" {
		return nil, ErrNoLibrary
	}
	lib, err := load(file)
	if err != nil {
		return nil, fmt.Errorf("load %q: %w", file, err)
	}
	argv, pin := cStrings("clickhouse", "--path="+folder)
	defer pin.Unpin()
	conn := lib.connect(2, argv)
	if conn == nil || *conn == 0 {
		return nil, fmt.Errorf("open ClickHouse in %q: the engine refuses", folder)
	}
	return &Engine{lib: lib, conn: conn}, nil
}

func load(file string) (lib library, err error) {
	handle, err := purego.Dlopen(file, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return lib, err
	}
	// Its own signal handlers would take Go's away.
	var signals func(enabled int32)
	purego.RegisterLibFunc(&signals, handle, "chdb_set_signal_handlers_enabled")
	signals(0)
	purego.RegisterLibFunc(&lib.connect, handle, "chdb_connect")
	purego.RegisterLibFunc(&lib.close, handle, "chdb_close_conn")
	purego.RegisterLibFunc(&lib.query, handle, "chdb_query_n")
	purego.RegisterLibFunc(&lib.buffer, handle, "chdb_result_buffer")
	purego.RegisterLibFunc(&lib.length, handle, "chdb_result_length")
	purego.RegisterLibFunc(&lib.failure, handle, "chdb_result_error")
	purego.RegisterLibFunc(&lib.destroy, handle, "chdb_destroy_query_result")
	return lib, nil
}

// cStrings makes an argv that stays where it is until pin is released.
func cStrings(words ...string) (argv **byte, pin *runtime.Pinner) {
	pin = &runtime.Pinner{}
	list := make([]*byte, len(words)+1)
	for i, w := range words {
		text := append([]byte(w), 0)
		pin.Pin(&text[0])
		list[i] = &text[0]
	}
	pin.Pin(&list[0])
	return &list[0], pin
}

// Error is ClickHouse's answer that it refuses a query.
type Error struct {
	Code    int32 // ClickHouse's, for instance 60: unknown table
	Message string
}

func (e *Error) Error() string { return e.Message }

var errorCode = regexp.MustCompile(`^Code: (\d+)\.`)

// Query runs a query and gives its answer in a format of ClickHouse, for instance Native. The error is an *Error.
func (e *Engine) Query(query, format string) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn == nil {
		return nil, &Error{Code: 236, Message: "Code: 236. the engine is closed"}
	}
	q, f := []byte(query+"\n"), []byte(format)
	result := e.lib.query(*e.conn, unsafe.Pointer(&q[0]), uintptr(len(q)), unsafe.Pointer(&f[0]), uintptr(len(f)))
	runtime.KeepAlive(q)
	runtime.KeepAlive(f)
	if result == 0 {
		return nil, &Error{Code: 1002, Message: "Code: 1002. the engine gave no result"}
	}
	defer e.lib.destroy(result)
	if message := e.lib.failure(result); message != "" {
		failure := &Error{Code: 1002, Message: message}
		if code := errorCode.FindStringSubmatch(message); code != nil {
			n, _ := strconv.ParseInt(code[1], 10, 32)
			failure.Code = int32(n)
		}
		return nil, failure
	}
	n := e.lib.length(result)
	if n == 0 {
		return nil, nil
	}
	return append([]byte(nil), unsafe.Slice((*byte)(e.lib.buffer(result)), n)...), nil
}

// Close closes the engine. It may be called twice.
func (e *Engine) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn != nil {
		e.lib.close(e.conn)
		e.conn = nil
	}
}
