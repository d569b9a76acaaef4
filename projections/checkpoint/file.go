package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
)

// File is the path of a signed note, as GET /checkpoint serves it. Beside it lie, under longer names, a lock that servers
// which share the file take to change it (<path>.lock), what the log has lost since (<path>.lost), and what an operator set aside
// (<path>.<tree size>.<time>). One that is missing is no error: nothing is kept yet.
type File string

func (f File) lost() File { return f + ".lost" }

// Read returns the signed note, empty if there is none.
func (f File) Read() (string, error) {
	raw, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return "", nil
	}
	return string(raw), err
}

// loss is what a file of a loss has: JSON.
type loss struct {
	Position domain.Position `json:"position"`
	EventID  *domain.ID      `json:"event_id"` // null: nobody here had seen it
	Noticed  time.Time       `json:"noticed_at"`
}

// readLost returns what a server noticed to be lost, nil if nothing is.
func (f File) readLost() (*eventstore.Lost, error) {
	raw, err := f.lost().Read()
	if err != nil || raw == "" {
		return nil, err
	}
	var l loss
	if err := json.Unmarshal([]byte(raw), &l); err != nil {
		return nil, fmt.Errorf("%s: %w", f.lost(), err)
	}
	lost := &eventstore.Lost{Position: l.Position}
	if l.EventID != nil {
		lost.ID = *l.EventID
	}
	return lost, nil
}

func (f File) writeLost(l *eventstore.Lost, now time.Time) error {
	noted := loss{Position: l.Position, Noticed: now.UTC()}
	if !l.ID.IsZero() {
		noted.EventID = &l.ID
	}
	raw, err := json.Marshal(noted)
	if err != nil {
		return err
	}
	return f.lost().write(string(raw) + "\n")
}

// forgetLost undoes writeLost.
func (f File) forgetLost() error {
	if err := os.Remove(string(f.lost())); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// keep makes a checkpoint the kept one if none is kept, or the one that is has been seen to be contained in the log. It
// reports false when another one lies there, which is then to be looked at first.
func (f File) keep(signed, contained string) (kept bool, err error) {
	unlock, err := f.lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	there, err := f.Read()
	if err != nil || there != "" && there != contained {
		return false, err
	}
	return true, f.write(signed)
}

// Accept makes a checkpoint the kept one, whatever is kept, or keeps none if it is empty. What was kept, and what was noted as lost,
// is set aside under the names that it returns.
func (f File) Accept(signed string, now time.Time) (aside []string, err error) {
	unlock, err := f.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	old, err := f.Read()
	if err != nil {
		return nil, err
	}
	stamp := now.UTC().Format("20060102T150405.000Z")
	if old != "" {
		size := "unreadable"
		if c, err := merkle.ReadCheckpoint(old); err == nil {
			size = fmt.Sprint(c.Size)
		}
		name := fmt.Sprintf("%s.%s.%s", f, size, stamp)
		if err := File(name).write(old); err != nil { // before the new one takes its place
			return nil, err
		}
		aside = append(aside, name)
	}
	if signed != "" {
		err = f.write(signed)
	} else if old != "" {
		err = os.Remove(string(f))
	}
	if err != nil {
		return aside, err
	}
	name := fmt.Sprintf("%s.%s", f.lost(), stamp)
	err = os.Rename(string(f.lost()), name)
	if err == nil {
		aside = append(aside, name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return aside, err
	}
	return aside, f.sync()
}

// write replaces the file, whole or not at all, and for good: nobody ever reads half of it, or an older one after a power cut.
func (f File) write(content string) error {
	temp, err := os.CreateTemp(filepath.Dir(string(f)), ".checkpoint-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // it is not there after the rename
	_, err = temp.WriteString(content)
	if err := errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), string(f)); err != nil {
		return err
	}
	return f.sync()
}

// sync makes the names in the file's folder durable.
func (f File) sync() error {
	dir, err := os.Open(filepath.Dir(string(f)))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// lock keeps others from changing the file, and waits for those who do: they are quick. It goes with the process.
func (f File) lock() (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o755); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(string(f)+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() { lock.Close() }, nil
}
