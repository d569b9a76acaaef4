package fault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Disk is a small file system in memory, mounted on a folder, that can be filled.
type Disk struct {
	// Dir is where it is mounted.
	Dir string
}

// Mount puts a file system of so many bytes on a folder, which must exist. Only root may.
func Mount(dir string, bytes int64) (*Disk, error) {
	options := "mode=0711,size=" + strconv.FormatInt(bytes, 10)
	if err := syscall.Mount("chaos", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, options); err != nil {
		return nil, fmt.Errorf("mount a small file system on %s: %w", dir, err)
	}
	return &Disk{Dir: dir}, nil
}

func (d *Disk) ballast() string { return filepath.Join(d.Dir, "ballast") }

// Fill takes what is free but for so many bytes, until [Disk.Free].
func (d *Disk) Fill(leave int64) error {
	file, err := os.Create(d.ballast())
	if err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	defer file.Close()
	size := int64(0)
	for piece := int64(64 << 20); piece >= 4<<10; { // others write meanwhile: take what there is, the last in small pieces
		switch err := syscall.Fallocate(int(file.Fd()), 0, size, piece); {
		case err == nil:
			size += piece
		case errors.Is(err, syscall.ENOSPC):
			piece /= 2
		case !errors.Is(err, syscall.EINTR):
			return fmt.Errorf("fill the disk: %w", err)
		}
	}
	if err := file.Truncate(max(size-leave, 0)); err != nil {
		return fmt.Errorf("fill the disk: %w", err)
	}
	return nil
}

// Free gives back what Fill took.
func (d *Disk) Free() error {
	if err := os.Remove(d.ballast()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("free the disk: %w", err)
	}
	return nil
}

// Unmount takes the file system away, with all that is on it.
func (d *Disk) Unmount() error {
	if err := syscall.Unmount(d.Dir, syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount %s: %w", d.Dir, err)
	}
	return nil
}
