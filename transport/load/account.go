package load

import (
	"fmt"

	"github.com/google/uuid"

	"chainmail/domain"
)

// Account is a user of the server, and a token that stays good for the whole run.
type Account struct {
	ID    domain.ID
	Token string
}

// accounts is the name space of AccountID.
var accounts = uuid.MustParse("6f1c3c8e-5d0a-4f0e-9a57-3b8d2c1e7f64")

// AccountID is the id of the nth account, the same in every run, so that a second one needs no new accounts.
func AccountID(n int) domain.ID { return domain.ID(uuid.NewSHA1(accounts, []byte(AccountName(n)))) }

// AccountName is the name of the nth account.
func AccountName(n int) string { return fmt.Sprintf("Bench %05d", n) }
