package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/transport/frame"
	"chainmail/transport/login"
	"chainmail/transport/wallet"
)

type nonceBody struct {
	Address string `json:"address" doc:"a string: 0x and 40 hex digits, in lower case, or as EIP-55 has it" example:"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"`
}

type challenge struct {
	Nonce   string `json:"nonce" doc:"good once, for 5 minutes, for this wallet"`
	Message string `json:"message" doc:"the text of EIP-4361 to sign with personal_sign"`
}

type loginBody struct {
	Message   string `json:"message" doc:"a string: the signed text of EIP-4361, with a nonce of this server"`
	Signature string `json:"signature" doc:"a string: 0x and 130 hex digits (EIP-191)"`
}

type refreshBody struct {
	RefreshToken string `json:"refresh_token" doc:"a string: the newest refresh token of the session"`
}

// tokens are what a login gives.
type tokens struct {
	AccessToken  string `json:"access_token" doc:"a JWT, the bearer token of all calls and of the socket"`
	RefreshToken string `json:"refresh_token" doc:"gives one other pair. Used again more than 10 seconds later it ends the session"`
	TokenType    string `json:"token_type" enum:"Bearer" doc:"how the access token is sent"`
	ExpiresIn    int    `json:"expires_in" doc:"seconds until access_token expires"`
	User         User   `json:"user" doc:"who has logged in"`
}

// logins has the calls for those who have no access token yet.
func (a *api) logins() {
	if a.Login == nil {
		return // tokens come from an outside issuer
	}
	refusals := []int{http.StatusUnauthorized, http.StatusTooManyRequests}
	registerOpen(a, huma.Operation{
		OperationID: "make-nonce", Path: "/api/auth/nonce", Summary: "Begin a login with a wallet",
		Description: "Gives the text that the wallet has to sign. It says nothing on whether the wallet is known here.",
		Errors:      []int{http.StatusTooManyRequests},
	}, a.makeNonce)
	registerOpen(a, huma.Operation{
		OperationID: "log-in", Path: "/api/auth/login", Summary: "Log in with a wallet's signature",
		Description: "EIP-4361. A wallet that is new here gets an account, unless registration is closed (403).",
		Errors:      append(refusals, http.StatusForbidden),
	}, a.logIn)
	registerOpen(a, huma.Operation{
		OperationID: "refresh-tokens", Path: "/api/auth/refresh", Summary: "Go on with a refresh token", Errors: refusals,
		Description: "The session gets another pair of tokens. The old refresh token can be used for 10 more seconds; later it ends the session.",
	}, a.refresh)
	registerOpen(a, huma.Operation{
		OperationID: "log-out", Path: "/api/auth/logout", Summary: "End the session of a refresh token", Errors: []int{http.StatusUnauthorized},
		Description: "Its tokens are refused from then on, and its connections are closed.",
	}, a.logOut)
}

// registerOpen adds a call with a body that needs no token.
func registerOpen[In, Out any](a *api, op huma.Operation, handle func(context.Context, *In) (*Out, error)) {
	op.Method, op.Tags = http.MethodPost, []string{"login"}
	op.SkipValidateParams, op.SkipValidateBody = true, true // checked here, to name field and code
	op.MaxBodyBytes, op.BodyReadTimeout = maxBody+1, -1     // readBody refuses before
	op.Middlewares = huma.Middlewares{a.noteClient, readBody}
	op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity,
		http.StatusServiceUnavailable)
	huma.Register(a.huma, op, func(ctx context.Context, in *In) (*Out, error) {
		out, err := handle(ctx, in)
		a.counts.loggedIn(op.OperationID, err)
		if err != nil {
			return nil, a.problem(ctx, shutOut(err))
		}
		return out, nil
	})
}

func (a *api) makeNonce(ctx context.Context, in *struct {
	Body payload[nonceBody]
}) (*answer[challenge], error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	address, err := wallet.ParseAddress(body.Address)
	if err != nil {
		return nil, invalid("address", "is not 0x and 40 hex digits, in lower case or with the capitals of EIP-55")
	}
	if err := a.allowClient(ctx, a.Limits.Nonces); err != nil {
		return nil, err
	}
	nonce, text, err := a.Login.Challenge(ctx, address, clientOf(ctx).origin)
	if err != nil {
		return nil, err
	}
	return ok(challenge{nonce, text}), nil
}

func (a *api) logIn(ctx context.Context, in *struct {
	Body payload[loginBody]
}) (*answer[tokens], error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	if err := a.allowClient(ctx, a.Limits.Logins); err != nil {
		return nil, err
	}
	c := clientOf(ctx)
	// What was begun is finished, whether or not the client stays: the nonce is used up.
	t, err := a.Login.Login(context.WithoutCancel(ctx), login.Attempt{
		Text: body.Message, Signature: body.Signature, Origin: c.origin, UserAgent: c.userAgent,
		MayRegister: func() error { return a.allowClient(ctx, a.Limits.Registrations) },
	})
	if err != nil {
		return nil, err
	}
	return a.pair(ctx, t)
}

func (a *api) refresh(ctx context.Context, in *struct {
	Body payload[refreshBody]
}) (*answer[tokens], error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	if err := a.allowClient(ctx, a.Limits.Logins); err != nil {
		return nil, err
	}
	t, err := a.Login.Refresh(ctx, body.RefreshToken, clientOf(ctx).userAgent)
	if err != nil {
		return nil, err
	}
	return a.pair(ctx, t)
}

func (a *api) logOut(ctx context.Context, in *struct {
	Body payload[refreshBody]
}) (*struct{}, error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	return nil, a.Login.Logout(ctx, body.RefreshToken)
}

// pair describes tokens, and the user as he sees himself.
func (a *api) pair(ctx context.Context, t login.Tokens) (*answer[tokens], error) {
	c := &call{actor: domain.Actor{ID: t.User}, from: a.fromMessages(), header: make(http.Header)}
	me, err := a.oneUser(ctx, c, t.User)
	if err != nil {
		return nil, err
	}
	return ok(tokens{
		AccessToken: t.Access, RefreshToken: t.Refresh, TokenType: "Bearer",
		ExpiresIn: int(t.ExpiresIn.Seconds()), User: me.Body,
	}), nil
}

// shutOut is the problem of a login or refresh that was refused; other errors stay as they are.
func shutOut(err error) error {
	var refused *login.Refused
	var text *wallet.Error
	switch {
	case !errors.As(err, &refused):
		return err
	case errors.Is(err, login.ErrClosed):
		return newProblem(frame.Forbidden, "", refused.Error())
	case errors.Is(err, login.ErrOrigin):
		return invalid("Host", "cannot stand in a text to sign: "+refused.Error())
	case errors.As(err, &text) && malformed(text.Kind):
		return invalid("message", "is no text of EIP-4361: "+text.Error())
	case errors.Is(err, wallet.ErrSignature):
		return invalid("signature", "is none: "+text.Error())
	}
	p := newProblem(frame.Unauthenticated, "", refused.Error())
	p.headers.Set("WWW-Authenticate", `Bearer realm="chainmail"`)
	return p
}

func malformed(kind error) bool {
	switch kind {
	case wallet.ErrTooLong, wallet.ErrMalformed, wallet.ErrVersion, wallet.ErrAddress:
		return true
	}
	return false
}
