package httpapi

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
)

// messageProof shows that the log has a message's event, and with content and salt what it said.
type messageProof struct {
	Index      int64    `json:"index" minimum:"0" doc:"the leaf's: its event's position - 1"`
	TreeSize   int64    `json:"tree_size" minimum:"1" doc:"the checkpoint's"`
	Leaf       []byte   `json:"leaf" doc:"the event's canonical bytes, in base64"`
	Path       []string `json:"path" nullable:"false" doc:"hashes in base64, from the leaf's sibling up (RFC 6962 §2.1.1)"`
	Checkpoint string   `json:"checkpoint" doc:"the latest: a signed note (C2SP tlog-checkpoint)"`
	Content    *string  `json:"content" doc:"null once erased"`
	Salt       *string  `json:"salt" doc:"in hex; null once erased. SHA-256 over it and the content is content_hash in the leaf"`
	TlogProof  string   `json:"tlog_proof" doc:"index, path, checkpoint and leaf as C2SP tlog-proof"`
}

// The formats of a proof.
const (
	formatJSON  = "json"
	formatProof = "tlog-proof"
)

// proofFile is a proof as JSON, or as a file.
type proofFile struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Body        any
}

func (a *api) proofs() {
	responses := textAnswer("text/plain")
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[messageProof](), true, "")
	responses["200"].Content["application/json"] = &huma.MediaType{Schema: schema}
	register(a, huma.Operation{
		OperationID: "get-message-proof", Method: http.MethodGet, Path: "/api/messages/{id}/proof", Tags: []string{"messages"},
		Summary: "Proof that the log has a message",
		Description: "For those who may see the message. It stands under the latest checkpoint; one that is not sealed yet is 404 " +
			"with Retry-After. With format=tlog-proof the answer is tlog_proof alone, as a file.",
		Responses: responses,
		Errors:    []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, a.proofOfMessage)
	orLater(a.huma.OpenAPI().Paths["/api/messages/{id}/proof"].Get)
}

func (a *api) proofOfMessage(ctx context.Context, c *call, in *struct {
	ID     domain.ID `path:"id"`
	Format string    `query:"format" enum:"json,tlog-proof" doc:"json unless told"`
}) (*proofFile, error) {
	if in.Format != "" && in.Format != formatJSON && in.Format != formatProof {
		return nil, invalid("format", "must be "+formatJSON+" or "+formatProof)
	}
	var message fullMessage
	err := a.read(ctx, c, func(ctx context.Context, tx *sql.Tx) (err error) {
		message, err = readVisible(ctx, tx, c, in.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	proof, size, err := a.prove(ctx, domain.Position(message.Position))
	if err != nil {
		return nil, err
	}
	if in.Format == formatProof {
		name := fmt.Sprintf(`attachment; filename="%s.tlog-proof"`, in.ID)
		return &proofFile{plainText, name, []byte(proof.Text())}, nil
	}
	return &proofFile{ContentType: "application/json", Body: messageProof{
		Index: proof.Index, TreeSize: size, Leaf: proof.Leaf, Path: base64s(proof.Path), Checkpoint: proof.Checkpoint,
		Content: message.Content, Salt: message.Salt, TlogProof: proof.Text(),
	}}, nil
}

// prove makes the proof that the event at a position is in the latest sealed tree, and tells the tree's size.
func (a *api) prove(ctx context.Context, position domain.Position) (proof merkle.Proof, size int64, err error) {
	size, checkpoint, err := a.Tree.Latest(ctx)
	if err != nil {
		return proof, 0, err
	}
	if int64(position) > size {
		return proof, 0, unsealed("the message is not sealed yet")
	}
	events, err := a.Log.At(ctx, position)
	if err != nil {
		return proof, 0, err
	}
	if len(events) == 0 {
		return proof, 0, fmt.Errorf("the log has no event at position %d", position)
	}
	proof = merkle.Proof{Index: int64(position) - 1, Leaf: eventstore.Leaf(events[0]), Checkpoint: checkpoint}
	proof.Path, err = a.Tree.Inclusion(ctx, proof.Index, size)
	return proof, size, err
}

func base64s(hashes []merkle.Hash) []string {
	texts := make([]string, len(hashes))
	for i, h := range hashes {
		texts[i] = h.String()
	}
	return texts
}
