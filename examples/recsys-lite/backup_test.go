package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/gdpr"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
	"github.com/recsys-lite/recsys/store"
)

// onlyBackup is the folder of the one backup.
func onlyBackup(t *testing.T) string {
	t.Helper()
	all, err := filepath.Glob("backups/2*")
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

// A backup puts back what was there, and leaves out who was deleted since.
func TestBackupAndRestore(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	require.Contains(t, succeeds(t, "backup"), "recsys.db")
	from := onlyBackup(t)
	info, err := os.Stat(filepath.Join(from, "recsys.db"))
	require.NoError(t, err)
	require.NotZero(t, info.Size())
	require.NoFileExists(t, "data/recsys.db.wal")
	require.Contains(t, succeeds(t, "restore", from, "--check"), "is whole")
	before := succeeds(t, "recommend", "--user-id", "w3", "--json")

	code, _, stderr := recsysLite(t, "restore", from)
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "--force")
	require.NoError(t, os.Remove("data/recsys.db"))
	require.NoError(t, os.RemoveAll("model_artifacts"))
	require.Contains(t, succeeds(t, "restore", from), "0 rows")
	require.Equal(t, before, succeeds(t, "recommend", "--user-id", "w3", "--json"))

	succeeds(t, "gdpr", "delete-user", "--user-id", "w3")
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	require.Contains(t, succeeds(t, "restore", from, "--force"), "2 rows of users who were deleted")
	code, _, _ = recsysLite(t, "recommend", "--user-id", "w3")
	require.Equal(t, exitFailure, code, "who was deleted stays deleted")
	require.Contains(t, succeeds(t, "gdpr", "verify", "--user-id", "w3"), "in a backup")
	succeeds(t, "recommend", "--user-id", "w1")

	// A changed byte is noticed before anything is touched.
	path := filepath.Join(from, "models.tar.gz")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data[len(data)/2] ^= 1
	require.NoError(t, os.WriteFile(path, data, 0o600))
	code, _, stderr = recsysLite(t, "restore", from, "--force")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "models.tar.gz")
}

// A backup's models may know a user who was deleted before its database was copied.
func TestRestoreErasesByTheTombstonesOfTheBackup(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	succeeds(t, "backup", "--output", "early")
	succeeds(t, "gdpr", "delete-user", "--user-id", "w3")
	succeeds(t, "backup", "--output", "late")
	early, err := filepath.Glob("early/2*")
	require.NoError(t, err)
	late, err := filepath.Glob("late/2*")
	require.NoError(t, err)
	list, err := checkBackup(early[0])
	require.NoError(t, err)
	after, err := checkBackup(late[0])
	require.NoError(t, err)
	for i, f := range list.Files {
		for _, other := range after.Files {
			if f.Name == backupDB && other.Name == backupDB {
				list.Files[i] = other
			}
		}
	}
	text, err := json.Marshal(list)
	require.NoError(t, err)
	write(t, filepath.Join(early[0], backupManifest), string(text))
	require.NoError(t, os.Rename(filepath.Join(late[0], backupDB), filepath.Join(early[0], backupDB)))
	require.NoError(t, os.RemoveAll("model_artifacts"))
	require.NoError(t, os.RemoveAll("data"))

	succeeds(t, "restore", early[0])
	a, err := model.Opener{Kinds: builtin.Kinds()}.Open("model_artifacts/als")
	require.NoError(t, err)
	_, known := a.Users.Index("w3")
	require.False(t, known)
	require.True(t, gdpr.OpenForgotten("model_artifacts/als", nil).Contains("w3"), "a server that runs knows of it")
	succeeds(t, "recommend", "--user-id", "w1")
}

func TestBackupKeep(t *testing.T) {
	shop(t)
	for _, name := range []string{"20200101T000000Z", "20200102T000000Z", "20200103T000000Z"} {
		require.NoError(t, os.MkdirAll("backups/"+name, 0o700))
		write(t, "backups/"+name+"/backup.json", "{}")
	}
	require.NoError(t, os.MkdirAll("backups/20230315", 0o700)) // the runbook's own
	succeeds(t, "configure", "--backup-keep", "3")
	require.Contains(t, succeeds(t, "backup"), "removed backups/20200101T000000Z")
	require.NoDirExists(t, "backups/20200101T000000Z")
	require.DirExists(t, "backups/20200102T000000Z")
	require.DirExists(t, "backups/20230315")
	succeeds(t, "backup", "--keep", "1")
	all, err := filepath.Glob("backups/*Z")
	require.NoError(t, err)
	require.Len(t, all, 1)
}

// The runbook's own cp and tar do.
func TestRunbookBackup(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	before := succeeds(t, "recommend", "--user-id", "w3", "--json")
	for _, script := range []string{
		`mkdir -p backups/20230315 && cp data/recsys.db backups/20230315/recsys_20230315.db && tar -czf backups/20230315/models_20230315.tar.gz model_artifacts/`,
		`rm -r data/recsys.db model_artifacts`,
		`cp backups/20230315/recsys_20230315.db data/recsys.db && tar -xzf backups/20230315/models_20230315.tar.gz -C .`,
	} {
		out, err := exec.Command("sh", "-ec", script).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	require.Equal(t, before, succeeds(t, "recommend", "--user-id", "w3", "--json"))
	require.Contains(t, succeeds(t, "ingest", "--events", "events.csv"), "already applied")
}

// No command leaves a .wal behind, which a plain copy of the database would miss.
func TestNoCommandLeavesAWAL(t *testing.T) {
	jsonShop(t)
	for name, args := range jsonCases {
		if code, _, stderr := recsysLite(t, args...); code != 0 {
			t.Logf("%s: %s", name, stderr) // another test's business
		}
		for _, pattern := range []string{"*.wal", "*/*.wal", "*/*/*.wal"} {
			left, err := filepath.Glob(pattern)
			require.NoError(t, err)
			require.Empty(t, left, "'%s' left a .wal", name)
		}
	}
}

func TestDoctor(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	out := succeeds(t, "doctor")
	require.Contains(t, out, "every block has its checksum")
	require.Contains(t, out, "is whole")
	version, err := model.Current("model_artifacts/als")
	require.NoError(t, err)
	require.NoError(t, os.Truncate(filepath.Join("model_artifacts/als/versions", version, "users.arrow"), 10))
	code, out, _ := recsysLite(t, "doctor")
	require.Equal(t, exitFound, code)
	require.Contains(t, out, "fault")
	require.Contains(t, out, "users.arrow")
	require.NoError(t, os.RemoveAll("model_artifacts"))

	whole, err := os.ReadFile("data/recsys.db")
	require.NoError(t, err)
	write(t, "data/recsys.db", string(whole[:len(whole)/2]))
	code, out, _ = recsysLite(t, "doctor")
	require.Equal(t, exitFound, code)
	require.Contains(t, out, "--salvage")
	damaged := bytes.Clone(whole)
	damaged[4096+8] ^= 1
	damaged[8192+8] ^= 1
	write(t, "data/recsys.db", string(damaged))
	code, _, stderr := recsysLite(t, "doctor", "--salvage", "saved.db")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "restore a backup")
	write(t, "data/recsys.db", string(whole))
	require.Contains(t, succeeds(t, "doctor", "--salvage", "saved.db"), "saved into saved.db")
	require.Contains(t, succeeds(t, "ingest", "--events", "events.csv", "--db", "saved.db"), "already applied", "the ledger was saved too")
	code, out, _ = recsysLite(t, "doctor", "--db", "absent.db")
	require.Equal(t, exitFound, code)
	require.Contains(t, out, "there is no database")
}

// An older database under a newer model is a fault until the model is trained on it, also when
// more events have arrived than were lost.
func TestADatabaseThatWasSetBack(t *testing.T) {
	shop(t)
	old, err := os.ReadFile("data/recsys.db")
	require.NoError(t, err)
	write(t, "more.csv", "user_id,item_id,ts,qty\nw1,pot,1700000000,1\nw2,pot,1700000001,1\n")
	succeeds(t, "ingest", "--events", "more.csv")
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	write(t, "data/recsys.db", string(old))
	write(t, "new.csv", "user_id,item_id,ts,qty\nnew,pot,1700000002,1\nnew,pen,1700000003,1\nw1,pen,1700000004,1\n")
	succeeds(t, "ingest", "--events", "new.csv")
	code, _, stderr := recsysLite(t, "worker", "--once", "--model-dir", "model_artifacts/als")
	require.Equal(t, exitFailure, code)
	require.Contains(t, stderr, "set back")
	require.Contains(t, stderr, "train anew")
	code, out, _ := recsysLite(t, "doctor")
	require.Equal(t, exitFound, code)
	require.Contains(t, out, "set back")

	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	succeeds(t, "worker", "--once", "--model-dir", "model_artifacts/als")
	succeeds(t, "doctor")
	succeeds(t, "recommend", "--user-id", "new")
}

// While another program has the database, commands wait, and then say who it is about.
func TestOperationsOnALockedDatabase(t *testing.T) {
	shop(t)
	lock := exec.Command("python3", "-c", `import fcntl,sys,time
f=open("data/recsys.db","r+b"); fcntl.lockf(f,fcntl.LOCK_EX); print("locked",flush=True); time.sleep(60)`)
	out, err := lock.StdoutPipe()
	require.NoError(t, err)
	if err := lock.Start(); err != nil {
		t.Skip("needs python3 to hold the lock as another program would")
	}
	t.Cleanup(func() { _ = lock.Process.Kill(); _ = lock.Wait() })
	_, err = out.Read(make([]byte, 6))
	require.NoError(t, err)
	for _, args := range [][]string{
		{"gdpr", "export-user", "--user-id", "w3"}, {"gdpr", "delete-user", "--user-id", "w3"}, {"gdpr", "verify", "--user-id", "w3"},
		{"configure", "--retention-days", "9"}, {"backup"}, {"doctor"},
	} {
		start := time.Now()
		code, _, stderr := recsysLite(t, append(args, "--lock-timeout", "100ms")...)
		require.Equal(t, exitFailure, code, "%v", args)
		require.Contains(t, stderr, "recsys.db", "%v", args)
		require.Contains(t, stderr, "another process", "%v", args)
		require.Less(t, time.Since(start), 10*time.Second)
	}
	require.NoError(t, lock.Process.Kill())
	_ = lock.Wait()
	succeeds(t, "gdpr", "delete-user", "--user-id", "w3")
}

// What is written while a backup goes on may be in its database and not in its models, never
// the other way round.
func TestABackupsModelsAreNotAheadOfItsDatabase(t *testing.T) {
	shop(t)
	succeeds(t, "train", "als", "--params", `{"factors": 4}`)
	before := count(t, "data/recsys.db")
	lock, err := model.LockDir(t.Context(), "model_artifacts/als")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		b := &backup{db: dbFlags{path: "data/recsys.db", lockTimeout: time.Minute}, roots: []string{"model_artifacts"}, output: "backups"}
		_, _, err := b.run(t.Context())
		done <- err
	}()
	time.Sleep(300 * time.Millisecond) // it waits for the lock, with or without the database
	db, err := store.Open(t.Context(), "data/recsys.db", store.Options{})
	require.NoError(t, err)
	require.NoError(t, db.AppendEvents(t.Context(), []recsys.Event{{UserID: "w1", ItemID: "pen", Time: 1_700_000_000, Qty: 1}}))
	require.NoError(t, db.Close())
	require.NoError(t, lock.Unlock())
	require.NoError(t, <-done)
	require.Equal(t, before+1, count(t, filepath.Join(onlyBackup(t), "recsys.db")))
}
