package domain_test

import (
	"testing"

	"chainmail/domain"
)

func install(p *domain.GuardPolicyInstalled) wish {
	return func(s stage) (domain.Decision, *domain.Refusal) { return s.InstallPolicy(*p), nil }
}

func inForce(version domain.Version) []domain.Expectation {
	return []domain.Expectation{{Stream: domain.PolicyStream, Version: version}}
}

func TestInstallPolicy(t *testing.T) {
	t.Parallel()
	const lenient = "version: 1\nthresholds: {block: 0.95}\n"
	model, other := hashOf("model"), hashOf("other model")
	sites := domain.PolicyList{Name: "sites", Hash: hashOf("evil.example"), Entries: 1}
	full := func(model string, lists ...domain.PolicyList) *domain.GuardPolicyInstalled {
		p := policy(strict)
		p.ModelHash, p.Lists = &model, lists
		return p
	}
	bare := policy(strict)
	bare.Lists = nil
	resalted := full(model, sites)
	resalted.Salt = domain.Salt{9}
	changed := sites
	changed.Hash, changed.Entries = hashOf("evil.example\nworse.example"), 2
	was := events(full(model, sites))
	tell(t, []tale{
		{name: "the first", when: install(policy(strict)), then: installed(strict), rests: inForce(0)},
		{name: "without lists it has a list of none", when: install(bare), then: installed(strict), rests: inForce(0)},
		{name: "the same again", given: was, when: install(full(model, sites)), rests: inForce(1)},
		{name: "the same from another server", given: was, when: install(resalted), rests: inForce(1)},
		{name: "the same, without lists", given: installed(strict), when: install(bare), rests: inForce(1)},
		{name: "another", given: was, when: install(policy(lenient)), then: installed(lenient), rests: inForce(1)},
		{name: "another model", given: was, when: install(full(other, sites)), then: events(full(other, sites)), rests: inForce(1)},
		{name: "no model", given: events(full(model)), when: install(policy(strict)), then: installed(strict), rests: inForce(1)},
		{name: "a model where there was none", given: installed(strict), when: install(full(model, sites)), then: was},
		{name: "another list", given: was, when: install(full(model, changed)), then: events(full(model, changed)), rests: inForce(1)},
		{name: "one list more", given: was, when: install(full(model, sites, changed)), then: events(full(model, sites, changed))},
		{
			name: "back to an older one", given: given(installed(strict), installed(lenient)),
			when: install(policy(strict)), then: installed(strict), rests: inForce(2),
		},
	})
}

func TestPolicyInForce(t *testing.T) {
	t.Parallel()
	if got := domain.NewState().Policy(); got != nil {
		t.Errorf("before the first: got %+v", got)
	}
	got := historyOf(t, given(installed("first"), installed("second"))).state.Policy()
	if got == nil || got.Policy != "second" || got.PolicyHash != hashOf("second") {
		t.Errorf("got %+v, want the last one", got)
	}
}
