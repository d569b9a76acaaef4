package session_test

import (
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/transport/session"
)

const (
	alice = "0x00000000000000000000000000000000000a11ce"
	bob   = "0x0000000000000000000000000000000000000b0b"
)

func (w world) newNonce(t *testing.T, address string) string {
	t.Helper()
	nonce, err := w.NewNonce(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return nonce
}

// use reports whether a nonce is good; it is not any more afterwards.
func (w world) use(t *testing.T, nonce, address string) bool {
	t.Helper()
	ok, err := w.UseNonce(t.Context(), nonce, address)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// fill makes n nonces of a wallet, named old1 and so on by their age, that are older than any of NewNonce.
func (w world) fill(t *testing.T, address string, n int) {
	t.Helper()
	w.exec(t, `
		INSERT INTO auth_nonces (nonce, address, expires_at)
		SELECT 'old' || n, $1, now() + interval '1 minute' + n * interval '1 millisecond'
		FROM generate_series(1, $2) AS n`, address, n)
}

func TestANonceIsGoodOnceForItsWallet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nonce := w.newNonce(t, alice)
	if !regexp.MustCompile(`^[A-Za-z0-9]{20,}$`).MatchString(nonce) { // 20 of these 32 signs are 100 bits
		t.Errorf("nonce %q: want letters and digits of 96 bits or more", nonce)
	}
	if w.use(t, nonce, bob) {
		t.Error("it is good for another wallet")
	}
	if !w.use(t, nonce, alice) {
		t.Error("it is not good for its wallet, after another tried it")
	}
	if w.use(t, nonce, alice) {
		t.Error("it is good twice")
	}
}

func TestOthersAreNoNonces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nonce := w.newNonce(t, alice)
	for _, text := range []string{
		"", "x", nonce + "A", nonce[1:], strings.ToLower(nonce), nonce[1:] + "\x00", nonce[1:] + "\xff", strings.Repeat("A", 26), strings.Repeat("é", 13),
	} {
		if w.use(t, text, alice) {
			t.Errorf("%q is taken for a nonce", text)
		}
	}
	if !w.use(t, nonce, alice) {
		t.Error("the real one is not good any more")
	}
}

func TestANonceExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late, last := w.newNonce(t, alice), w.newNonce(t, alice)
	const pass = `UPDATE auth_nonces SET expires_at = expires_at - make_interval(secs => $2) WHERE nonce = $1`
	w.exec(t, pass, late, session.NonceTTL.Seconds())
	w.exec(t, pass, last, (session.NonceTTL - time.Minute).Seconds())
	if w.use(t, late, alice) {
		t.Error("it is good when its time is over")
	}
	if !w.use(t, last, alice) {
		t.Error("it is not good in its last minute")
	}
}

func TestOneOfManyUsesANonce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nonce := w.newNonce(t, alice)
	// All come to the row before the first of them has it.
	letGo := w.hold(t, `SELECT FROM auth_nonces WHERE nonce = $1 FOR UPDATE`, nonce)
	var used atomic.Int32
	var group sync.WaitGroup
	for n := range 20 {
		group.Go(func() {
			ok, err := w.either(n).UseNonce(t.Context(), nonce, alice)
			if err != nil {
				t.Error(err)
			}
			if ok {
				used.Add(1)
			}
		})
	}
	w.waitForLocks(t, 20)
	letGo()
	group.Wait()
	if got := used.Load(); got != 1 {
		t.Errorf("used %d times, want once", got)
	}
}

func TestTheOldestNoncesOfAWalletGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	others := w.newNonce(t, bob)
	w.fill(t, alice, 990)
	var nonces []string
	for range 13 {
		nonces = append(nonces, w.newNonce(t, alice))
	}
	const old = `SELECT count(*) FROM auth_nonces WHERE nonce LIKE 'old%' AND nonce NOT IN ('old1', 'old2', 'old3')`
	if got, all := w.count(t, old), w.count(t, `SELECT count(*) FROM auth_nonces WHERE address = $1`, alice); got != 987 || all != 1000 {
		t.Errorf("%d are left, %d of them old and not the oldest, want 1000 and 987", all, got)
	}
	for n, nonce := range nonces {
		if !w.use(t, nonce, alice) {
			t.Errorf("nonce %d of 13 is not good", n+1)
		}
	}
	if !w.use(t, others, bob) {
		t.Error("another wallet's nonce went with them")
	}
}

// What was left is deleted by later calls, ten rows each, so that none has to do much.
func TestExpiredNoncesAreDeletedByAndBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(t, `
		INSERT INTO auth_nonces (nonce, address, expires_at)
		SELECT 'old' || n, 'somebody' || n, now() - n * interval '1 second'
		FROM generate_series(1, 25) AS n`)
	for step, want := range []int{15, 5, 0} {
		w.newNonce(t, alice)
		if got := w.count(t, `SELECT count(*) FROM auth_nonces WHERE nonce LIKE 'old%'`); got != want {
			t.Errorf("after call %d: %d are left, want %d", step+1, got, want)
		}
	}
}

// A row that somebody has locked is left for the next call, instead of waiting for it.
func TestNewNonceDoesNotWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, alice, 1000)
	w.exec(t, `INSERT INTO auth_nonces (nonce, address, expires_at) VALUES ('expired', $1, now())`, bob)
	letGo := w.hold(t, `SELECT FROM auth_nonces FOR UPDATE`)
	w.newNonce(t, alice)
	letGo()
	w.newNonce(t, alice)
	if got := w.count(t, `SELECT count(*) FROM auth_nonces`); got != 1000 {
		t.Errorf("%d rows once they are free, want Alice's 1000", got)
	}
}

func TestManyNoncesOfOneWalletAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(t, `
		INSERT INTO auth_nonces (nonce, address, expires_at)
		SELECT 'expired' || n, $1, now() - n * interval '1 second'
		FROM generate_series(1, 100) AS n`, alice)
	w.fill(t, alice, 950)
	var group sync.WaitGroup
	for n := range 20 {
		group.Go(func() {
			for range 10 {
				if _, err := w.either(n).NewNonce(t.Context(), alice); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	last := w.newNonce(t, alice)
	if got := w.count(t, `SELECT count(*) FROM auth_nonces`); got != 1000 {
		t.Errorf("%d rows in the end, want 1000", got)
	}
	if !w.use(t, last, alice) {
		t.Error("the last one is not good")
	}
}
