// Settings from the environment: CACHESRV_ and the setting's name in capitals.

package config

import (
	"sort"
	"strings"
)

// EnvPrefix begins the names of all variables that are read; EnvFile names the configuration file.
const (
	EnvPrefix = "CACHESRV_"
	EnvFile   = "CACHESRV_CONFIG"
)

func fromEnv(environ []string) ([]Assignment, error) {
	byName := map[string]*Row{EnvFile: nil}
	for _, r := range all.rows {
		if !r.Directive {
			byName[r.Env()] = r
		}
	}
	var found []Assignment
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, EnvPrefix) || fromKubernetes(name, text) {
			continue
		}
		row, known := byName[name]
		where := Where{Layer: FromEnv, Name: name}
		if !known {
			near := strings.ReplaceAll(strings.TrimPrefix(name, EnvPrefix), "_", "-")
			return nil, &Error{where, "", unknown(near, false)}
		}
		if row != nil {
			found = append(found, Assignment{row.Name, []string{relaxed(row.Kind, text)}, where})
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	return found, nil
}

// fromKubernetes tells the variables that Kubernetes makes for a service named cachesrv; they are not meant for us.
func fromKubernetes(name, text string) bool {
	rest := strings.TrimPrefix(name, EnvPrefix)
	return strings.HasPrefix(rest, "SERVICE_") || strings.HasPrefix(rest, "PORT_") || rest == "PORT" && strings.Contains(text, "://")
}

// relaxed takes the usual spellings of yes and no where the writer is a person or an orchestrator.
func relaxed(k Kind, text string) string {
	if _, is := k.(boolKind); !is {
		return text
	}
	switch strings.ToLower(text) {
	case "true", "on", "1":
		return "yes"
	case "false", "off", "0":
		return "no"
	}
	return text
}
