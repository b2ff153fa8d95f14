package gdpr

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/recsys-lite/recsys/internal/durable"
)

// Receipt says what a deletion did. It names the user by pseudonym only.
type Receipt struct {
	// User is Keys.Pseudonym of the id.
	User string    `json:"user"`
	Time time.Time `json:"time"` // when it was complete
	// Rows are those removed from the database, by table; Rewritten says that the file was
	// written anew, so that their bytes are gone.
	Rows      map[string]int64 `json:"rows"`
	Rewritten bool             `json:"database_rewritten"`
	// Artifacts are the stored models that held the user, with what took their place.
	Artifacts []ErasedArtifact `json:"artifacts"`
	// Files are other files that named the user.
	Files []ErasedFile `json:"files"`
	// LogLines counts the lines of the GDPR log that now show the pseudonym.
	LogLines int `json:"log_lines"`
	// Retrained are the model directories that were fitted anew without the user.
	Retrained []string `json:"retrained"`
	// StillReflects are the models whose item parameters were learned with the user, until
	// their next full fit.
	StillReflects []string `json:"still_reflects"`
	// Backups are files in the backup directories that hold the user until they are rotated.
	Backups []string `json:"backups"`
	// NotRead are files whose contents cannot be told: compressed in an unknown way, damaged.
	NotRead []string `json:"not_read"`
	// Found are places where the id still stands; a deletion that succeeded has none.
	Found []Finding `json:"found"`
	// LogHead is the last hash of the GDPR log's chain before the deletion was entered.
	LogHead string `json:"log_head"`
}

// ErasedArtifact is a version that was rewritten.
type ErasedArtifact struct {
	Directory string `json:"directory"`
	Version   string `json:"version"`
	// Became took its place; empty for what a killed process had left.
	Became string `json:"became"`
	Kind   string `json:"kind"`
	// Current: it was the version that is served.
	Current bool `json:"current"`
}

// ErasedFile is a file from which a user was removed.
type ErasedFile struct {
	Path string `json:"path"`
	// Rows were removed; Masked places had the id overwritten.
	Rows   int64 `json:"rows,omitempty"`
	Masked int64 `json:"masked,omitempty"`
}

// signed is a receipt file. The signature is over the bytes of Receipt as they stand, without
// white space (json.Compact).
type signed struct {
	Receipt   json.RawMessage `json:"receipt"`
	PublicKey string          `json:"public_key"`
	Signature string          `json:"signature"`
}

// ErrReceipt: a receipt was not signed by this site, or was changed since.
var ErrReceipt = errors.New("the receipt is not valid")

// Sign returns the receipt as a signed file.
func (k *Keys) Sign(r *Receipt) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(signed{
		Receipt:   text,
		PublicKey: base64.StdEncoding.EncodeToString(k.sign.Public().(ed25519.PublicKey)),
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(k.sign, text)),
	}, "", "  ")
}

// Verify checks a signed receipt with this site's key. Errors wrap ErrReceipt.
func (k *Keys) Verify(file []byte) (*Receipt, error) {
	var s signed
	if err := json.Unmarshal(file, &s); err != nil {
		return nil, fmt.Errorf("%w: it is not JSON: %w", ErrReceipt, err)
	}
	public := k.sign.Public().(ed25519.PublicKey)
	if s.PublicKey != base64.StdEncoding.EncodeToString(public) {
		return nil, fmt.Errorf("%w: it was signed with another key, %.60q", ErrReceipt, s.PublicKey)
	}
	var text bytes.Buffer
	if err := json.Compact(&text, s.Receipt); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	signature, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || !ed25519.Verify(public, text.Bytes(), signature) {
		return nil, fmt.Errorf("%w: the signature is not that of its contents", ErrReceipt)
	}
	r := new(Receipt)
	if err := json.Unmarshal(text.Bytes(), r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	return r, nil
}

// receiptsDir is the folder of receipts in DataDir.
const receiptsDir = "receipts"

// WriteReceipt stores a signed receipt, readable for its owner alone. An empty path stands for
// a file named after the pseudonym and the time in DataDir/receipts. It returns the path.
func (k *Keys) WriteReceipt(dataDir, path string, r *Receipt) (string, error) {
	text, err := k.Sign(r)
	if err != nil {
		return "", err
	}
	if path == "" {
		path = filepath.Join(dataDir, receiptsDir, fmt.Sprintf("deletion-%s-%s.json",
			strings.TrimPrefix(r.User, pseudonymPrefix), r.Time.UTC().Format("20060102T150405Z")))
	}
	return path, WritePrivate(path, append(text, '\n'))
}

// WritePrivate writes a file that its owner alone can read, and the folder for it.
func WritePrivate(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := durable.Replace(path, data, 0o600); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}
