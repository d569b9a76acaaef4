// Package judgetest gives a test a guard with a small policy of its own, whose verdicts do not change when the shipped policy is
// tuned, and a language model at a real address that does what the test says.
package judgetest
