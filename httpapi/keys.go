package httpapi

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/recsys-lite/recsys"
)

// Role is what a caller may do. Each role may do what those before it may.
type Role int

const (
	// RoleRead asks for recommendations.
	RoleRead Role = iota + 1
	// RoleWrite also sends events.
	RoleWrite
	// RoleAdmin also clears caches, and sees users and versions.
	RoleAdmin
)

var roles = map[string]Role{"read": RoleRead, "write": RoleWrite, "admin": RoleAdmin}

// ParseRole reads read, write or admin.
func ParseRole(name string) (Role, error) {
	if r, ok := roles[name]; ok {
		return r, nil
	}
	return 0, fmt.Errorf("%w: role %q, it must be read, write or admin", recsys.ErrInvalidConfig, limited(name))
}

func (r Role) String() string {
	for name, role := range roles {
		if role == r {
			return name
		}
	}
	return "none"
}

// Key is an API key: not the key itself, but its hash.
type Key struct {
	// Name tells keys apart, in the log and for their rate limits.
	Name string
	Role Role
	// Hash is the SHA-256 of the key. A key has 256 random bits, so that a plain hash cannot
	// be searched.
	Hash [sha256.Size]byte
}

// String is the line of a key file: name, role, hash.
func (k Key) String() string {
	return k.Name + " " + k.Role.String() + " " + hex.EncodeToString(k.Hash[:])
}

// NewKey draws a key. The secret is for the caller alone; the Key for the server.
func NewKey(name string, role Role) (secret string, k Key, err error) {
	if !keyName.MatchString(name) {
		return "", k, fmt.Errorf("%w: key name %q: it is up to 64 letters, digits, dots, dashes and underscores", recsys.ErrInvalidConfig, limited(name))
	}
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	secret = "rsk_" + base64.RawURLEncoding.EncodeToString(b[:])
	return secret, Key{Name: name, Role: role, Hash: sha256.Sum256([]byte(secret))}, nil
}

var keyName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ParseKeys reads keys as Key.String writes them, one per line or with semicolons between
// them; # starts a comment. The error names all lines that are wrong.
func ParseKeys(r io.Reader) ([]Key, error) {
	var keys []Key
	var faults []error
	lines := bufio.NewScanner(r)
	n := 0
	for lines.Scan() {
		n++
		line, _, _ := strings.Cut(lines.Text(), "#")
		for entry := range strings.SplitSeq(line, ";") {
			fields := strings.Fields(entry)
			if len(fields) == 0 {
				continue
			}
			k, err := parseKey(fields)
			if err != nil {
				faults = append(faults, fmt.Errorf("line %d: %w", n, err))
				continue
			}
			keys = append(keys, k)
		}
	}
	return keys, errors.Join(append(faults, lines.Err())...)
}

func parseKey(fields []string) (k Key, err error) {
	if len(fields) != 3 {
		return k, fmt.Errorf("%w: an API key is written as name, role and hash with blanks between them, this has %d fields", recsys.ErrInvalidConfig, len(fields))
	}
	k.Name = fields[0]
	if k.Role, err = ParseRole(fields[1]); err != nil {
		return k, err
	}
	hash, err := hex.DecodeString(fields[2])
	if err != nil || len(hash) != len(k.Hash) || !keyName.MatchString(k.Name) {
		return k, fmt.Errorf("%w: API key %q: want a name and a SHA-256 in hex, as 'recsys-lite keys new' prints them", recsys.ErrInvalidConfig, limited(k.Name))
	}
	copy(k.Hash[:], hash)
	return k, nil
}

// keyring finds keys by their hash; nil and empty ones have none.
type keyring map[[sha256.Size]byte]*Key

// SetKeys replaces the keys, for requests that come from now on. Without any, reading is open
// to all and the rest to clients on the same machine.
func (a *API) SetKeys(keys []Key) error {
	ring := make(keyring, len(keys))
	names := make(map[string]bool, len(keys))
	for _, k := range keys {
		if k.Role < RoleRead || k.Role > RoleAdmin || !keyName.MatchString(k.Name) {
			return fmt.Errorf("%w: API key %q has role %d, it must have a proper name and be for read, write or admin", recsys.ErrInvalidConfig, limited(k.Name), k.Role)
		}
		if names[k.Name] {
			return fmt.Errorf("%w: there are two API keys %q", recsys.ErrInvalidConfig, k.Name)
		}
		names[k.Name] = true
		ring[k.Hash] = &k
	}
	a.keys.Store(&ring)
	return nil
}
