package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chainmail/audit"
	"chainmail/domain"
)

// exportFile is an export on its way to a new file: under another name until it is complete.
type exportFile struct {
	path     string
	temp     *os.File
	zip      *gzip.Writer // nil where the name does not end in .gz
	exporter *audit.Exporter
}

// createExport begins an export. A name that is taken is a finding.
func createExport(path string, at time.Time) (*exportFile, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, taken(path)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("--export: %w", err)
	}
	x := &exportFile{path: path, temp: temp}
	var w io.Writer = temp
	if strings.HasSuffix(path, ".gz") {
		x.zip = gzip.NewWriter(temp)
		w = x.zip
	}
	x.exporter = audit.NewExporter(w, at)
	return x, nil
}

func taken(path string) error {
	return finding{fmt.Errorf("--export: %s is there already and is kept: choose another name", path)}
}

func (x *exportFile) write(events []domain.Event) error {
	if err := x.exporter.Write(events); err != nil {
		return fmt.Errorf("write %s: %w", x.path, err)
	}
	return nil
}

// keep completes the file, waits until the disk has it, and gives it its name, unless somebody took that
// meanwhile.
func (x *exportFile) keep() error {
	err := x.exporter.Close()
	if x.zip != nil {
		err = errors.Join(err, x.zip.Close())
	}
	if err := errors.Join(err, x.temp.Sync()); err != nil {
		return fmt.Errorf("write %s: %w", x.path, err)
	}
	switch err := os.Link(x.temp.Name(), x.path); {
	case errors.Is(err, fs.ErrExist):
		return taken(x.path)
	case err != nil:
		return fmt.Errorf("write %s: %w", x.path, err)
	}
	directory, err := os.Open(filepath.Dir(x.path))
	if err != nil {
		return fmt.Errorf("write %s: %w", x.path, err)
	}
	return errors.Join(directory.Sync(), directory.Close())
}

// discard closes the file and takes its first name away; the one that keep gave stays.
func (x *exportFile) discard() error {
	return errors.Join(x.temp.Close(), os.Remove(x.temp.Name()))
}
