package localpg

import (
	"bytes"
	"io"
	"os"
)

// writeWhole writes a file that readers see whole or not at all.
func writeWhole(path, content string) error {
	unfinished := path + ".new"
	if err := os.WriteFile(unfinished, []byte(content), 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}

// boundLog moves a log's content to <name>.1 when it has grown large. It empties the file instead
// of renaming it because its writers, who append, hold it open.
func boundLog(log *os.File) error {
	info, err := log.Stat()
	if err != nil || info.Size() < logLimit {
		return err
	}
	before, err := os.OpenFile(log.Name()+".1", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer before.Close()
	if _, err := io.Copy(before, io.NewSectionReader(log, 0, info.Size())); err != nil {
		return err
	}
	return log.Truncate(0)
}

// logSize returns where the next line of a log will begin.
func logSize(log *os.File) int64 {
	info, err := log.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// tail returns the end of what was written to a log after a place in it, for an error message.
func tail(path string, from int64) string {
	const most = 2000
	log, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer log.Close()
	size := logSize(log)
	if from > size { // cut meanwhile
		from = 0
	}
	from = max(from, size-most)
	content, err := io.ReadAll(io.NewSectionReader(log, from, size-from))
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(content))
}
