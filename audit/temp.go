package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// createTemp makes a temporary file that has no name any more where the system allows that, so that nothing
// is left behind however the audit ends.
func createTemp(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "chainmail-audit-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	_ = os.Remove(file.Name()) // closeTemp tries again
	return file, nil
}

// closeTemp closes a file of createTemp; nil is none.
func closeTemp(file *os.File) error {
	if file == nil {
		return nil
	}
	err := file.Close()
	if gone := os.Remove(file.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
