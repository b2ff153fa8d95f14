package gdpr

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/recsys-lite/recsys/internal/durable"
)

// KeyFile is the name of the secret in a Site's DataDir: 32 random bytes in hex, made on first
// use, readable for its owner alone. From it follow the key that signs receipts and the one
// under which pseudonyms and the log's chain are computed.
const KeyFile = "gdpr.key"

// Keys are a site's secrets.
type Keys struct {
	sign ed25519.PrivateKey
	log  []byte
}

// LoadKeys reads the key in dir; if there is none, it makes one where create is true, and else
// fails with fs.ErrNotExist.
func LoadKeys(dir string, create bool) (*Keys, error) {
	path := filepath.Join(dir, KeyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		if text, err = newKey(dir, path); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) != 32 {
		return nil, fmt.Errorf("%s: it does not hold 32 bytes in hex: restore it from a backup; without it old receipts and the log cannot be checked", path)
	}
	k := new(Keys)
	seed, err := hkdf.Key(sha256.New, secret, nil, "recsys-lite gdpr receipt", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	k.sign = ed25519.NewKeyFromSeed(seed)
	k.log, err = hkdf.Key(sha256.New, secret, nil, "recsys-lite gdpr log", 32)
	return k, err
}

func newKey(dir, path string) ([]byte, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	var secret [32]byte
	rand.Read(secret[:])
	// Link, so that the first of two processes wins.
	tmp, err := os.CreateTemp(dir, ".tmp-*") // readable for its owner alone
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = fmt.Fprintf(tmp, "%x\n", secret)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := durable.SyncDir(dir); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// Pseudonym is the name under which logs and receipts know a user after the deletion: 24
// hexadecimal digits of HMAC-SHA256 under the site's key. Who has the key and an id can tell
// whether they belong together; nobody can read the id out of it.
func (k *Keys) Pseudonym(userID string) string {
	m := hmac.New(sha256.New, k.log)
	m.Write([]byte("user\x00" + userID))
	return pseudonymPrefix + hex.EncodeToString(m.Sum(nil)[:12])
}

const pseudonymPrefix = "erased:"

func isPseudonym(s string) bool {
	rest, ok := strings.CutPrefix(s, pseudonymPrefix)
	if !ok || len(rest) != 24 {
		return false
	}
	_, err := hex.DecodeString(rest)
	return err == nil
}
