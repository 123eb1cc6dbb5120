package main

import (
	"bufio"
	"errors"
	"os"

	"github.com/sessionguard/sessionguard/internal/bank"
)

// labelFile is a file of labels that is being written. The nil one takes none.
type labelFile struct {
	file *os.File
	out  *bufio.Writer
}

// createLabels makes a file of labels, none for "".
func createLabels(path string) (*labelFile, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, unusable("cannot write labels: %w", err)
	}
	return &labelFile{f, bufio.NewWriterSize(f, 1<<20)}, nil
}

func (l *labelFile) write(p *bank.Published) error {
	if l == nil {
		return nil
	}
	return p.Label.Write(l.out)
}

func (l *labelFile) writeAll(list []bank.Published) error {
	for i := range list {
		if err := l.write(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (l *labelFile) flush() error {
	if l == nil {
		return nil
	}
	return l.out.Flush()
}

func (l *labelFile) close() error {
	if l == nil {
		return nil
	}
	return errors.Join(l.out.Flush(), l.file.Close())
}
