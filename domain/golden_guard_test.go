package domain_test

import "chainmail/domain"

// guardSamples are the samples of what the guard leads to.
func guardSamples() map[string]domain.Data {
	client, model := "c-1 \x01\b\f/é\u2028", hashOf("model")
	known := policy(awkward)
	known.ModelHash, known.Lists = &model, []domain.PolicyList{
		{Name: "reported_sites", Hash: hashOf("evil.example\n"), Entries: 2_000_000},
		{Name: "reported_wallets", Hash: hashOf(""), Entries: 0},
	}
	verdict := func(model *domain.ModelOpinion, reasons ...domain.RiskReason) *domain.MessageJudged {
		if reasons == nil {
			reasons = []domain.RiskReason{}
		}
		return &domain.MessageJudged{
			MessageID: hello, SenderID: alice, RiskScore: 0.57, PolicyHash: hashOf(strict), Reasons: reasons, Model: model,
		}
	}
	timeout := "timeout"
	toOne := keptBackIn(private, bob, alice)[0].(*domain.MessageBlocked)
	toOne.ClientMessageID, toOne.Model, toOne.RiskScore = &client, asked("scam", 0.97), 0.99
	toOne.Reasons = append(toOne.Reasons, because("language_model", 0.92), because("<odd & \"rule\"> \u2028", 1))
	toOne.Content, toOne.ContentHash = awkward, domain.ContentHash(salt, awkward)
	gone := keptBack(team, alice)[0].(*domain.MessageBlocked)
	gone.Content, gone.Salt, gone.Erased = "", domain.Salt{}, true
	sender := alice
	return map[string]domain.Data{
		"GuardPolicyInstalled.v1":       known,
		"GuardPolicyInstalled.v1.rules": policy(strict),
		"MessageJudged.v1":              verdict(asked("spam", 0.3), because("text_classifier", 0.45), because("<odd & \"rule\"> \u2028", 0.2)),
		"MessageJudged.v1.no-answer":    verdict(&domain.ModelOpinion{Model: "small-1", Failure: &timeout}, because("text_classifier", 0.57)),
		"MessageJudged.v1.no-reasons":   verdict(asked("benign", 0)),
		"MessageJudged.v1.not-asked":    verdict(nil, because("disguised_text", 0.57)),
		"MessageBlocked.v1":             toOne,
		"MessageBlocked.v1.group":       keptBack(team, alice)[0],
		"MessageBlocked.v1.unopened":    keptBackTo(bob, alice)[0],
		"MessageBlocked.v1.erased":      gone,
		"MessageReleased.v1":            releasedAt(9_007_199_254_740_993, private),
		"ContentErased.v1.blocked": &domain.ContentErased{
			MessageID: hello, SenderID: &sender, ErasedPosition: 9_007_199_254_740_993, ErasedBy: root, Reason: domain.ReasonLegal,
		},
	}
}
