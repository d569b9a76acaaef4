// The guard's reasons in words for whoever wrote the message (docs/guard.md).

const words: Readonly<Record<string, string>> = {
	text_classifier: 'It resembles messages that were reported as harmful.',
	language_model: 'A language model takes it for harmful.',
	language_model_unanswered: 'It was doubtful, and the language model that decides such cases did not answer.',
	recovery_phrase_request: 'It asks for a recovery phrase or private key. Nobody who means well ever needs one.',
	recovery_phrase_request_other_languages: 'It asks for a recovery phrase or private key. Nobody who means well ever needs one.',
	login_code_request: 'It asks for a login code. Such a code is for its owner alone.',
	login_code_request_unclear: 'It asks for a code that may open an account.',
	wallet_validation: 'It wants a wallet “validated” or “synchronised”. Wallets need nothing of the kind.',
	connect_wallet_link: 'It leads to a page to connect a wallet to.',
	fake_support: 'It reads like somebody posing as a support desk.',
	support_name: 'It is the name of a support desk and nothing else.',
	remote_control: 'It wants a program installed by which strangers work a device.',
	account_suspended: 'It frightens with a suspended account.',
	fee_or_refund: 'It tells of a parcel or refund that waits behind a link.',
	recovery_agent: 'It promises to bring back lost or stolen money.',
	contract_approval: 'It asks for an approval or signature that can hand over a wallet’s contents.',
	airdrop_claim: 'It offers free tokens to be claimed on a page.',
	crypto_giveaway: 'It promises a gift of coins.',
	doubled_coins: 'It promises more coins back than are sent.',
	investment_promise: 'It promises profit without risk.',
	investment_contact: 'It leads to a stranger who trades for others.',
	job_offer: 'It offers easy money for no real work.',
	job_contact: 'It wants an answer by private message, as swindling recruiters do.',
	imitated_site: 'Its link looks like a well-known site and is another.',
	site_before_site: 'Its link begins with the name of one site and leads to another.',
	masked_number_for_a_site: 'Its link has a number in an unusual form in place of a name.',
	number_for_a_site: 'Its link has a number in place of a name.',
	foreign_letters_in_link: 'Its link has letters of another script in it.',
	hidden_link: 'Its link is written so as not to be noticed.',
	risky_link: 'Its link leads to a kind of address that is mostly used for fraud.',
	prize: 'It tells of a prize.',
	premium_number: 'It wants a call or a text to a number that costs money.',
	advertisement: 'It is an advertisement of the kind that is sent to many.',
	advertisement_signs: 'It is worded like an advertisement.',
	advertisement_words: 'It has the words of an advertisement in it.',
	follow_for_follow: 'It asks for followers or clicks.',
	own_channel: 'It advertises a channel or page.',
	adult_offer: 'It advertises sexual services.',
	betting: 'It advertises bets or casinos.',
	slur: 'It has a word in it that degrades people.',
	threat: 'It reads like a threat.',
	insult: 'It reads like an insult.',
	degrading_words: 'It speaks of people with contempt.',
	model_instruction: 'It gives orders to a language model.',
	model_role: 'It gives a language model a part to play.',
	disguised_text: 'Its words are disguised.',
};

/**
 * reasonText returns a sentence for the name of a guard's rule. A policy may have rules of its own: their names are
 * made readable.
 */
export function reasonText(rule: string): string {
	const known = Object.hasOwn(words, rule) ? words[rule] : undefined;
	if (known !== undefined) {
		return known;
	}
	const name = rule.replaceAll(/[_-]+/g, ' ').trim();
	return name === '' ? 'A rule without a name.' : `${name.charAt(0).toUpperCase()}${name.slice(1)}.`;
}

/**
 * reasonTexts returns the sentences for a warning's reasons in their order, each once. What the warning's own words
 * `said` say already, as they mostly do of the weightiest, is left out.
 */
export function reasonTexts(rules: readonly string[], said: string): readonly string[] {
	return [...new Set(rules.map(reasonText))].filter((text) => !said.includes(text.slice(0, text.indexOf('.') + 1)));
}
