// Package wallet says which Ethereum account signed a login text, and whether that text was meant
// for this server.
//
// The text is a message of EIP-4361 (Sign-In with Ethereum). [Parse] and [Message.Text] are each
// other's inverse: what parses prints back to the same bytes. [Verify] adds the signature: EIP-191
// version 0x45 (personal_sign), ECDSA over secp256k1, the address recovered from it and compared
// with the one in the text. [Check] compares what the text says with what the server expects. A
// login needs both:
//
//	m, err := wallet.Verify(text, signature)
//	…
//	err = wallet.Check(m, wallet.Expected{Domain: "chat.example", Origin: "https://chat.example", …}, now)
//
// Everything here is arithmetic: no I/O and no clock. That a nonce was given out, to whom, and that
// it is used once, is for the caller to know.
//
// A contract account (EIP-1271, and EIP-6492 before the contract exists) has no key of its own: its
// contract on the chain says whether a signature is good, so asking needs a node of that chain.
// There is none here, and such logins are refused as [ErrSignature] or [ErrSigner].
//
// The grammar is the ABNF of EIP-4361, with RFC 3986 for authorities and URIs and RFC 3339 for
// times. In these points it is narrower:
//
//   - a text has at most [MaxText] bytes and [MaxResources] resources;
//   - the address is in the mixed case of EIP-55 (a "should" in EIP-4361; the reference
//     implementation demands it too), and its prefix is "0x" in lower case;
//   - a domain has a host, which the authority of RFC 3986 may lack;
//   - a statement or a request id that is there isn't empty;
//   - a chain id has no leading zero and fits into 64 bits;
//   - a time is a day of the calendar, and its second is at most 59: Unix time has no leap second.
package wallet
