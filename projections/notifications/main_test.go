package notifications_test

import (
	"testing"

	"go.uber.org/goleak"

	"chainmail/migrations/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }
