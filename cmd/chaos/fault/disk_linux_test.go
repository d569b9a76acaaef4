package fault_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"chainmail/cmd/chaos/fault"
)

func TestDiskFills(t *testing.T) {
	t.Parallel()
	disk, err := fault.Mount(t.TempDir(), 8<<20)
	if err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	defer func() {
		if err := disk.Unmount(); err != nil {
			t.Error(err)
		}
	}()
	write := func() error { return os.WriteFile(filepath.Join(disk.Dir, "file"), make([]byte, 1<<20), 0o600) }
	if err := disk.Fill(64 << 10); err != nil {
		t.Fatal(err)
	}
	if err := write(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("on a full disk: got %v, want ENOSPC", err)
	}
	if err := disk.Free(); err != nil {
		t.Fatal(err)
	}
	if err := write(); err != nil {
		t.Errorf("after room was made: %v", err)
	}
}
