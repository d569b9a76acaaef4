package fanout

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// answerWithin bounds each step of what is asked of Redis, where the address says nothing else.
const answerWithin = time.Second

// errAddress does not quote the address: it may hold a password.
var errAddress = errors.New("the address of Redis cannot be read: give one like redis://:password@host:6379, rediss:// for TLS or " +
	"unix:///path/to.sock; for Sentinel add ?master_name=NAME, for a cluster ?addr=HOST:PORT with another of its nodes")

// Connect returns a client of the Redis at an address, which it does not reach out for yet, and whether it is a cluster. The address
// is redis:// (rediss:// with TLS) or unix://, with options as go-redis has them. With master_name it names a
// Sentinel, with addr a node of a cluster; addr, which may be repeated, names further ones.
func Connect(address string) (client redis.UniversalClient, cluster bool, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, false, errAddress
	}
	redis.SetLogger(&logging.VoidLogger{}) // it would write lines of its own to the standard error
	query := u.Query()
	switch {
	case query.Has("master_name"):
		o, err := redis.ParseFailoverURL(address)
		if err != nil {
			return nil, false, errAddress
		}
		o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = -1, 1, true
		bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
		return redis.NewFailoverClient(o), false, nil
	case query.Has("addr"):
		o, err := redis.ParseClusterURL(address)
		if err != nil {
			return nil, false, errAddress
		}
		o.DialerRetries, o.ContextTimeoutEnabled = 1, true
		o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
		bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
		return redis.NewClusterClient(o), true, nil
	}
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, false, errAddress
	}
	o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = -1, 1, true // a batch that was published twice counts wrong
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	bound(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout)
	return redis.NewClient(o), false, nil
}

func bound(dial, read, write *time.Duration) {
	for _, d := range []*time.Duration{dial, read, write} {
		if *d == 0 {
			*d = answerWithin
		}
	}
}

// CheckPrefix reports what is wrong with a prefix of the channels' names.
func CheckPrefix(prefix string) error {
	if len(prefix) > 64 || strings.ContainsAny(prefix, "{}\x00 \r\n") {
		return errors.New("the prefix of the channels in Redis has spaces or braces, or more than 64 bytes")
	}
	return nil
}
