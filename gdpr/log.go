package gdpr

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/recsys-lite/recsys/internal/durable"
	"github.com/recsys-lite/recsys/internal/forgotten"
)

// Names of the files in a Site's LogDir.
const (
	LogFile   = "gdpr.log"
	ChainFile = "gdpr.log.chain"
)

// Operations as the log names them.
const (
	DataExport    = "DATA_EXPORT"
	DataDeletion  = "DATA_DELETION"
	DataRestored  = "DELETION_LIFTED"
	DataRetention = "DATA_RETENTION"
	Verification  = "VERIFICATION"
)

// Log is the record of operations on personal data, logs/gdpr.log. A line is
//
//	2023-07-13 12:00:31 - DATA_EXPORT - user_id=user123 - success
//
// with the time in UTC. Lines are appended and never removed. The file beside it has for every
// line a JSON object with the line as it reads after an erasure, the user's pseudonym in the
// place of the id, and the HMAC of that and of the object before: so the chain stays valid when
// an erasure replaces ids in the log, and whoever changes, drops or inserts a line without the
// key breaks it.
type Log struct {
	dir  string
	keys *Keys
	// Now is time.Now unless a test sets it.
	Now func() time.Time
}

// OpenLog returns the log in dir, which is made if need be.
func OpenLog(dir string, keys *Keys) (*Log, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, LogFile), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("the GDPR log: %w", err)
	}
	return &Log{dir: dir, keys: keys, Now: time.Now}, f.Close()
}

// link is an entry of the chain.
type link struct {
	N    int    `json:"n"`
	Line string `json:"line"`
	Hash string `json:"hash"`
}

// Append adds a line. The user may be an id, a pseudonym, or "-" for an operation that concerns
// nobody in particular.
func (l *Log) Append(operation, user string, ok bool) error {
	unlock, err := forgotten.Lock(l.dir)
	if err != nil {
		return err
	}
	defer unlock()
	outcome := "success"
	if !ok {
		outcome = "failure"
	}
	line := fmt.Sprintf("%s - %s - user_id=%s - %s", l.Now().UTC().Format("2006-01-02 15:04:05"), operation, quoteUser(user), outcome)
	lines, chain, err := l.read()
	if err != nil {
		return err
	}
	if err := l.check(lines, chain); err != nil {
		// A broken chain is not mended by going on, and not hidden; but the operation counts.
		return errors.Join(l.write(line, chain), fmt.Errorf("the line was added, but: %w", err))
	}
	if len(chain) == len(lines)+1 {
		// A crash came between the two files.
		if err := appendLine(filepath.Join(l.dir, LogFile), chain[len(lines)].Line); err != nil {
			return err
		}
	}
	return l.write(line, chain)
}

// write adds to the chain first, so that a line that is there has its link.
func (l *Log) write(line string, chain []link) error {
	next := link{N: len(chain) + 1, Line: l.canonical(line)}
	next.Hash = l.hash(previous(chain), next)
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := appendLine(filepath.Join(l.dir, ChainFile), string(text)); err != nil {
		return err
	}
	return appendLine(filepath.Join(l.dir, LogFile), line)
}

func previous(chain []link) string {
	if len(chain) == 0 {
		return ""
	}
	return chain[len(chain)-1].Hash
}

func (l *Log) hash(before string, e link) string {
	m := hmac.New(sha256.New, l.keys.log)
	fmt.Fprintf(m, "%s\n%d\n%s", before, e.N, e.Line)
	return hex.EncodeToString(m.Sum(nil))
}

func appendLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// quoteUser keeps an id from looking like something else in a line.
func quoteUser(user string) string {
	if user == "" || strings.Contains(user, " - ") || strings.HasPrefix(user, `"`) || strings.ContainsFunc(user, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(user)
	}
	return user
}

// userOf finds the user of a line; lo and hi bound it.
func userOf(line string) (user string, lo, hi int, ok bool) {
	const mark = " - user_id="
	lo = strings.Index(line, mark)
	hi = strings.LastIndex(line, " - ")
	if lo < 0 || hi < lo+len(mark) {
		return "", 0, 0, false
	}
	lo += len(mark)
	user = line[lo:hi]
	if strings.HasPrefix(user, `"`) {
		plain, err := strconv.Unquote(user)
		return plain, lo, hi, err == nil
	}
	return user, lo, hi, true
}

// canonical is the line after an erasure.
func (l *Log) canonical(line string) string {
	user, lo, hi, ok := userOf(line)
	if !ok || user == "-" || isPseudonym(user) {
		return line
	}
	return line[:lo] + l.keys.Pseudonym(user) + line[hi:]
}

func (l *Log) read() (lines []string, chain []link, err error) {
	text, err := os.ReadFile(filepath.Join(l.dir, LogFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if len(text) > 0 {
		lines = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
	text, err = os.ReadFile(filepath.Join(l.dir, ChainFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		var e link
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			return nil, nil, fmt.Errorf("%w: %s: entry %d is no JSON: %w", ErrLog, filepath.Join(l.dir, ChainFile), len(chain)+1, err)
		}
		chain = append(chain, e)
	}
	return lines, chain, nil
}

// ErrLog: the log of operations does not agree with its chain.
var ErrLog = errors.New("the GDPR log was changed")

// check compares the log with its chain. The chain may be one entry ahead, after a crash.
func (l *Log) check(lines []string, chain []link) error {
	path := filepath.Join(l.dir, LogFile)
	before := ""
	for i, e := range chain {
		if e.N != i+1 || !hmac.Equal([]byte(e.Hash), []byte(l.hash(before, e))) {
			return fmt.Errorf("%w: %s: entry %d does not follow from the one before it", ErrLog, filepath.Join(l.dir, ChainFile), i+1)
		}
		before = e.Hash
		if i < len(lines) && l.canonical(lines[i]) != e.Line {
			return fmt.Errorf("%w: %s: line %d is not what was written", ErrLog, path, i+1)
		}
	}
	if len(lines) > len(chain) || len(lines) < len(chain)-1 {
		return fmt.Errorf("%w: %s has %d lines, %d were written", ErrLog, path, len(lines), len(chain))
	}
	return nil
}

// Check verifies the log against its chain and returns the number of lines and the hash of
// the last one, which a receipt quotes so that cutting off the end is noticed. Errors wrap
// ErrLog.
func (l *Log) Check() (lines int, head string, err error) {
	text, chain, err := l.read()
	if err != nil {
		return 0, "", err
	}
	return len(text), previous(chain), l.check(text, chain)
}

// Has reports whether the chain has an entry with that hash.
func (l *Log) Has(head string) (bool, error) {
	_, chain, err := l.read()
	if err != nil {
		return false, err
	}
	for _, e := range chain {
		if e.Hash == head {
			return true, nil
		}
	}
	return head == "", nil
}

// Erase puts the user's pseudonym in the place of the id in every line, and returns how many
// had it. The file is replaced in one step; no line is added or removed.
func (l *Log) Erase(userID string) (int, error) {
	unlock, err := forgotten.Lock(l.dir)
	if err != nil {
		return 0, err
	}
	defer unlock()
	lines, _, err := l.read()
	if err != nil {
		return 0, err
	}
	changed := 0
	for i, line := range lines {
		if user, _, _, ok := userOf(line); ok && user == userID {
			if is := l.canonical(line); is != line {
				lines[i] = is
				changed++
			}
		}
	}
	if changed == 0 {
		return 0, nil
	}
	path := filepath.Join(l.dir, LogFile)
	if err := durable.ReplaceContent(path, []byte(strings.Join(lines, "\n")+"\n")); err != nil {
		return 0, err
	}
	return changed, durable.SyncDir(l.dir)
}

// Entry is a line of the log.
type Entry struct {
	Line string `json:"line"`
	// User is the pseudonym, whatever the line shows.
	User string `json:"user"`
}

// Entries returns the lines with ids replaced by pseudonyms.
func (l *Log) Entries() ([]Entry, error) {
	lines, _, err := l.read()
	entries := make([]Entry, 0, len(lines))
	for _, line := range lines {
		e := Entry{Line: l.canonical(line)}
		e.User, _, _, _ = userOf(e.Line)
		entries = append(entries, e)
	}
	return entries, err
}
