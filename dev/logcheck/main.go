// Command logcheck checks a log of liangzheng with the code behind Go's checksum database (golang.org/x/mod/sumdb).
//
// It reads lines from its input: KEY, PINNED CHECKPOINT, FOLDER and ROWS, with tabs between; ROWS is the output of
// `liangzheng log rows`, or empty. For each it answers "ok SIZE" or "FAIL" and what does not fit.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

type checkpoint struct {
	origin string
	tlog.Tree
}

type job struct {
	key, pinned, folder, rows string
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		part := strings.Split(lines.Text(), "\t")
		if len(part) != 4 {
			fmt.Println("FAIL not a job")
			continue
		}
		size, err := check(job{part[0], part[1], part[2], part[3]})
		if err != nil {
			fmt.Printf("FAIL %v\n", err)
		} else {
			fmt.Printf("ok %d\n", size)
		}
	}
}

func check(asked job) (size int64, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	now, err := readCheckpoint(filepath.Join(asked.folder, "checkpoint"), asked.key)
	if err != nil {
		return 0, err
	}
	then, err := readCheckpoint(asked.pinned, asked.key)
	if err != nil {
		return 0, err
	}
	reader := tlog.TileHashReader(now.Tree, tiles(asked.folder))
	if err := grew(then, now, reader); err != nil {
		return 0, err
	}
	entries, err := readEntries(asked.folder, now, reader)
	if err != nil || asked.rows == "" {
		return now.N, err
	}
	return now.N, checkRows(asked.rows, now, entries)
}

func readCheckpoint(path, key string) (checkpoint, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return checkpoint{}, err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return checkpoint{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return checkpoint{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return checkpoint{lines[0], tlog.Tree{N: size, Hash: root}}, err
}

func grew(then, now checkpoint, reader tlog.HashReader) error {
	if now.N < then.N {
		return fmt.Errorf("the log has %d entries and once had %d", now.N, then.N)
	}
	if then.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(now.N, then.N, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, now.N, now.Hash, then.N, then.Hash)
}

type tiles string

func (folder tiles) Height() int { return height }

func (folder tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		// C2SP's path is that of the checksum database without the height.
		data, err := readPart(string(folder), strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s is too short", tile.Path())
		}
		found = append(found, data[:tile.W*tlog.HashSize])
	}
	return found, nil
}

// readPart reads a partial tile, or the full one that took its place.
func readPart(folder, path string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(folder, path))
	if cut := strings.Index(path, ".p/"); os.IsNotExist(err) && cut >= 0 {
		return os.ReadFile(filepath.Join(folder, path[:cut]))
	}
	return data, err
}

func readEntries(folder string, now checkpoint, reader tlog.HashReader) ([][]byte, error) {
	var entries [][]byte
	var indexes []int64
	for start := int64(0); start < now.N; start += width {
		tile := tlog.Tile{H: height, L: 0, N: start / width, W: int(min(width, now.N-start))}
		data, err := readPart(folder, strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1))
		if err != nil {
			return nil, err
		}
		for count := 0; count < tile.W; count++ {
			if len(data) < 2 || len(data) < 2+int(data[0])<<8+int(data[1]) {
				return nil, fmt.Errorf("entry %d is cut off", start+int64(count))
			}
			end := 2 + int(data[0])<<8 + int(data[1])
			entries = append(entries, data[2:end])
			indexes = append(indexes, tlog.StoredHashIndex(0, start+int64(count)))
			data = data[end:]
		}
		if len(data) != 0 && tile.W == width {
			return nil, fmt.Errorf("bundle %d has more than its entries", start/width)
		}
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for index, entry := range entries {
		if tlog.RecordHash(entry) != hashes[index] {
			return nil, fmt.Errorf("entry %d is not the one in the tree", index)
		}
	}
	return entries, nil
}

func min(left, right int64) int64 {
	if left < right {
		return left
	}
	return right
}

const blank = `{"act":null,"act_code":"","action":"","actor":null,"actor_kind":"","actor_number":"","agency":null,` +
	`"at":"1970-01-01T00:00:00.000000Z","fields":[],"holder":null,"id":"ID","legal_basis":"","purpose":"","region":"",` +
	`"result":"","subject":null,"subject_kind":""}`

type told struct {
	Action    string `json:"action"`
	ActorKind string `json:"actor_kind"`
	Subject   string `json:"subject"`
}

// checkRows holds every row to its entry: SHA-256 of a prefix, the salt and the row in canonical form.
func checkRows(path string, now checkpoint, entries [][]byte) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	head := fmt.Sprintf("head\t%d\t%s", now.N, hex.EncodeToString(now.Hash[:]))
	if string(lines[0]) != head {
		return fmt.Errorf("the head in the database is not that of the checkpoint")
	}
	if len(lines)-1 != len(entries) {
		return fmt.Errorf("%d rows for %d entries", len(lines)-1, len(entries))
	}
	erased, named := map[string]int{}, map[string]bool{}
	for index, line := range lines[1:] {
		part := bytes.SplitN(line, []byte("\t"), 5)
		if len(part) != 5 || string(part[0]) != strconv.Itoa(index) || len(part[1]) == 0 {
			return fmt.Errorf("entry %d has no row", index)
		}
		salt, err := hex.DecodeString(string(part[2]))
		if err != nil {
			return err
		}
		if len(salt) == 0 && string(part[4]) == strings.Replace(blank, "ID", string(part[1]), 1) {
			erased[string(part[1])] = index
			if string(part[3]) != hex.EncodeToString(entries[index]) {
				return fmt.Errorf("entry %d: the row has another commitment", index)
			}
			continue
		}
		sum := sha256.Sum256(append(append([]byte("liangzheng log v1\x00"), salt...), part[4]...))
		if len(salt) != 32 || !bytes.Equal(sum[:], entries[index]) || string(part[3]) != hex.EncodeToString(sum[:]) {
			return fmt.Errorf("entry %d: its row %s was changed", index, part[1])
		}
		if bytes.Contains(part[4], []byte("erase_entry")) {
			var entry told
			if json.Unmarshal(part[4], &entry) == nil && entry.Action == "erase_entry" && entry.ActorKind == "operator" {
				named[entry.Subject] = true
			}
		}
	}
	for id, index := range erased {
		if !named[id] {
			return fmt.Errorf("entry %d was erased, and no entry says so", index)
		}
	}
	return nil
}
