package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// dataFolder is the folder of the embedded parts, held by this process alone.
type dataFolder struct {
	path string
	lock *os.File
}

// takeFolder makes the folder when there is none, and refuses one that another process works in: two brokers on the same files
// would tear each other's records. The lock ends with the process, however that ends.
func takeFolder(path string) (*dataFolder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, unusable("make the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unusable("lock the data folder: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &dataFolder{path: path, lock: f}, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, unusable("another sessionguard works in the data folder %q: stop it, or choose another folder with --data", path)
	}
	return nil, unusable("lock the data folder %q: %w", path, err)
}

// release lets the next process take the folder.
func (d *dataFolder) release() { _ = d.lock.Close() } // nothing was written to it

// sessionKey gives the key that is kept in the folder; it is made when there is none.
func (d *dataFolder) sessionKey() (string, error) {
	path := filepath.Join(d.path, "session.key")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		key := hex.AppendEncode(nil, randomBytes(32))
		return string(key), os.WriteFile(path, append(key, '\n'), 0o600)
	}
	return strings.TrimSpace(string(text)), err
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand never fails; it ends the program instead
	return b
}
