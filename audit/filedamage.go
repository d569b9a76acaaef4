package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"chainmail/domain"
)

// The ways in which a line can be no line.
var (
	errCut  = errors.New("the file ends in the middle of a line")
	errLong = errors.New("a line is too long")
)

// readLine returns the next line without its newline, valid until the next call. It returns io.EOF at the
// end, errCut with what there is of a last line without a newline, errLong for a line that it passed over.
func (f *File) readLine() ([]byte, error) {
	if f.held != nil {
		line := f.held
		f.held = nil
		return line, nil
	}
	part, err := f.lines.ReadSlice('\n')
	if err == nil {
		return part[:len(part)-1], nil
	}
	f.long = f.long[:0]
	size := 0
	for {
		size += len(part)
		if size <= maxExportLine+1 {
			f.long = append(f.long, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
		part, err = f.lines.ReadSlice('\n')
	}
	switch {
	case err == io.EOF && size > 0:
		return f.long, errCut
	case err != nil:
		return nil, err
	case size > maxExportLine+1:
		return nil, errLong
	}
	return f.long[:size-1], nil
}

// damaged makes a finding of an error of readLine, or returns it when it is none of the file's content.
func (f *File) damaged(err error) error {
	var outside *fs.PathError
	switch {
	case errors.As(err, &outside):
		return err
	case errors.Is(err, errLong):
		f.unreadable(fmt.Sprintf("the line is longer than %d bytes", maxExportLine))
		return nil
	case errors.Is(err, errCut):
		f.find(f.next, "the file is cut: it ends in the middle of a line")
	case err == io.EOF:
		f.find(f.next, "the file is cut: its last line is missing")
	default: // of compress/gzip
		f.find(f.next, "the compressed data is damaged: "+err.Error())
	}
	f.ended = true
	return nil
}

// noExport ends the reading of what does not even begin like an export.
func (f *File) noExport(version string) {
	f.find(0, "this is no export that this release can read, or its beginning is damaged"+version+": chainmail replay --export writes one")
	f.ended = true
}

func (f *File) find(at domain.Position, detail string) {
	f.findings = append(f.findings, Finding{Position: at, Kind: KindFile, Detail: detail})
}

// unreadable notes a line that should hold the next event.
func (f *File) unreadable(detail string) {
	f.find(f.next, detail)
	f.next++
	if f.bad++; f.bad == maxBadLines {
		f.find(f.next, "too many lines cannot be read: the rest of the file is left out")
		f.ended = true
	}
}
