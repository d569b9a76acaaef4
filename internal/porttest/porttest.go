// Package porttest finds ports for servers that a test starts, and may start again.
package porttest

import (
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"testing"
)

// The range that ports are taken from. No connection gets one of it by chance, which would keep it for a minute more: the kernel
// takes those from 32768 on (ip_local_port_range).
const first, last = 10_000, 32_000

// Lasting returns a port of 127.0.0.1 that is free, and still is when a server that had it starts again. So is the one that is
// so many above it, for each distance given.
func Lasting(t testing.TB, beside ...int) int {
	t.Helper()
	distances := append([]int{0}, beside...)
	for range 1000 {
		port := first + rand.IntN(last-first-slices.Max(distances))
		if !slices.ContainsFunc(distances, func(distance int) bool { return !free(port + distance) }) {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

func free(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	return err == nil && listener.Close() == nil
}
