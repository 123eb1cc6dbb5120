package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// These tests hold the house to docs/architecture: which folders there are, who imports whom, and what the pure core must
// not know. A room is a folder at the top.

const (
	modulePath = "github.com/sessionguard/sessionguard"
	modulePart = modulePath + "/"
	rootFolder = "../.."
)

// mayImport says which rooms the packages of a room may import: cmd -> console -> storage, ingest -> detector -> rules.
// internal holds what only tests, the demo and the embedded mode use, so no room below cmd may import it.
var mayImport = map[string][]string{
	"rules":    {"rules"},
	"detector": {"detector", "rules"},
	"ingest":   {"ingest", "detector", "rules"},
	"storage":  {"storage", "detector", "rules"},
	"console":  {"console", "storage", "ingest", "detector", "rules"},
	"internal": {"internal", "storage", "ingest", "detector", "rules"},
	"examples": {"examples", "ingest", "detector", "rules"},
	"cmd":      {"cmd", "console", "examples", "internal", "storage", "ingest", "detector", "rules"},
}

// onlyUnder says in which room a library may be imported.
var onlyUnder = map[string]string{
	"github.com/segmentio/kafka-go":        "ingest",
	"github.com/oschwald/geoip2-golang":    "ingest",
	"github.com/mssola/useragent":          "ingest",
	"github.com/ClickHouse/clickhouse-go":  "storage",
	"modernc.org/sqlite":                   "storage",
	"github.com/expr-lang/expr":            "rules",
	"github.com/spf13/cobra":               "cmd",
	"github.com/prometheus/client_golang":  "cmd",
	"github.com/twmb/franz-go/pkg/kfake":   "internal",
	"github.com/maxmind/mmdbwriter":        "internal",
	"github.com/ebitengine/purego":         "internal",
	"github.com/oschwald/maxminddb-golang": "ingest",
}

// outsideThePureCore lists the packages of the standard library that detector and rules must not import.
var outsideThePureCore = []string{"net", "net/http", "os", "os/exec", "os/signal", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "syscall"}

// clockNames lists what reads a clock or waits for one.
var clockNames = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// listed is what the Go tool tells of a package.
type listed struct {
	ImportPath, Dir        string
	GoFiles, Imports, Deps []string
}

// room gives the top folder of a package of ours, "" for another's.
func (p *listed) room() string {
	rest, ours := strings.CutPrefix(p.ImportPath, modulePart)
	if !ours {
		return ""
	}
	room, _, _ := strings.Cut(rest, "/")
	return room
}

// list gives the packages that patterns name.
func list(t *testing.T, args ...string) []*listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,Imports,Deps"}, args...)...)
	cmd.Dir = rootFolder
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	var all []*listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		p := new(listed)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestTopFolders(t *testing.T) {
	entries, err := os.ReadDir(rootFolder)
	if err != nil {
		t.Fatal(err)
	}
	beside := []string{".ci", "docs", "deploy", "data"} // data is git-ignored: run --embedded puts its files there
	for _, e := range entries {
		if _, room := mayImport[e.Name()]; e.IsDir() && !room && !slices.Contains(beside, e.Name()) && !strings.HasPrefix(e.Name(), ".git") {
			t.Errorf("the top folder %q is no room of the house", e.Name())
		}
	}
	for _, must := range []string{"cmd/sessionguard", "detector", "rules", "ingest", "storage"} {
		if info, err := os.Stat(filepath.Join(rootFolder, must)); err != nil || !info.IsDir() {
			t.Errorf("the folder %q is missing", must)
		}
	}
	if err := filepath.WalkDir(rootFolder, crowded(t)); err != nil {
		t.Fatal(err)
	}
}

// crowded refuses folders that would collect what belongs nowhere.
func crowded(t *testing.T) func(string, os.DirEntry, error) error {
	return func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".git" {
			return filepath.SkipDir
		}
		if d.IsDir() && slices.Contains([]string{"util", "utils", "common", "helpers", "misc"}, d.Name()) {
			t.Errorf("%s: a folder is named after its subject", path)
		}
		return nil
	}
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range list(t, "./...") {
		allowed, known := mayImport[p.room()]
		if !known {
			t.Errorf("%s is in no room", p.ImportPath)
		}
		for _, path := range p.Imports {
			if to := (&listed{ImportPath: path}).room(); to != "" && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s: %s may only import %v", p.ImportPath, path, p.room(), allowed)
			}
		}
	}
}

// Only what is linked into the program counts: a test front for a database may speak the database's protocol.
func TestLibrariesStayInTheirRooms(t *testing.T) {
	for _, p := range list(t, "-deps", "./cmd/sessionguard") {
		for _, path := range p.Imports {
			for library, room := range onlyUnder {
				inside := path == library || strings.HasPrefix(path, library+"/")
				if inside && p.room() != "" && p.room() != room {
					t.Errorf("%s imports %s, which belongs under %s", p.ImportPath, path, room)
				}
			}
		}
	}
}

func TestRoomsDoNotReachWhatTheyMustNotKnow(t *testing.T) {
	f := func(pattern string, forbidden ...string) {
		t.Helper()
		for _, p := range list(t, pattern) {
			for _, path := range p.Deps {
				for _, no := range forbidden {
					if path == no || strings.HasPrefix(path, no+"/") {
						t.Errorf("%s reaches %s", p.ImportPath, path)
					}
				}
			}
		}
	}
	const kafka, clickhouse, maxmind = "github.com/segmentio/kafka-go", "github.com/ClickHouse", "github.com/oschwald"
	f("./rules/...", kafka, clickhouse, maxmind, "net/http", "database/sql")
	f("./detector/...", kafka, clickhouse, maxmind, "net/http", "database/sql")
	f("./ingest/...", clickhouse, "modernc.org/sqlite")
	f("./storage/...", kafka)
}

func TestPureCore(t *testing.T) {
	for _, p := range list(t, "./detector/...", "./rules/...") {
		for _, path := range p.Imports {
			if slices.Contains(outsideThePureCore, path) {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
		for _, name := range p.GoFiles {
			pureFile(t, filepath.Join(p.Dir, name))
		}
	}
}

// pureFile refuses goroutines and clocks.
func pureFile(t *testing.T, path string) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s: the pure core starts a goroutine", fset.Position(n.Pos()))
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clockNames, n.Sel.Name) {
				t.Errorf("%s: the pure core uses time.%s", fset.Position(n.Pos()), n.Sel.Name)
			}
		}
		return true
	})
}
