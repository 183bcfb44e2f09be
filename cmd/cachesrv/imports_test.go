// The direction of imports: cmd over engines over core; config is a leaf; the two engines never meet.

package main

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/cachesrv/cachesrv"

// mayImport says for every part of the module which parts it may use. A part's own sub-packages are always allowed.
var mayImport = map[string][]string{
	"config":           {},
	"core":             {},
	"engine":           {"core", "config"},
	"engine/redis":     {"engine", "core", "config"},
	"engine/memcached": {"engine", "core", "config"},
}

// partOf gives the longest part that holds a package, "" for none.
func partOf(pkg string) string {
	best := ""
	for part := range mayImport {
		if (pkg == part || strings.HasPrefix(pkg, part+"/")) && len(part) > len(best) {
			best = part
		}
	}
	return best
}

func TestImportsRunOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-e", "-f", `{{.ImportPath}}: {{join .Imports " "}} {{join .TestImports " "}} {{join .XTestImports " "}}`, module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		name, imports, _ := strings.Cut(line, ": ")
		from := partOf(strings.TrimPrefix(name, module+"/"))
		if from == "" {
			continue
		}
		seen[from] = true
		for _, path := range strings.Fields(imports) {
			inside, ours := strings.CutPrefix(path, module+"/")
			if !ours {
				continue
			}
			to := partOf(inside)
			if to == from {
				continue
			}
			if !contains(mayImport[from], to) {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
	for part := range mayImport {
		if !seen[part] {
			t.Errorf("no package of %s was listed: the test looks at nothing", part)
		}
	}
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
