package deploy_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// manifest is what the tests look at in a manifest.
type manifest struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		Replicas int
		Strategy struct {
			RollingUpdate struct {
				MaxUnavailable *int `yaml:"maxUnavailable"`
			} `yaml:"rollingUpdate"`
		}
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     pod
		}
		Ports []struct {
			TargetPort string `yaml:"targetPort"`
		}
		MaxUnavailable int `yaml:"maxUnavailable"`
		Ingress        []struct{ Ports []struct{ Port string } }
	}
}

type pod struct {
	AutomountServiceAccountToken  *bool `yaml:"automountServiceAccountToken"`
	TerminationGracePeriodSeconds int   `yaml:"terminationGracePeriodSeconds"`
	SecurityContext               struct {
		RunAsNonRoot bool  `yaml:"runAsNonRoot"`
		RunAsUser    int64 `yaml:"runAsUser"`
	} `yaml:"securityContext"`
	Containers []container
	Volumes    []struct {
		Name   string
		Secret struct {
			Items []struct{ Path string }
		}
	}
}

type container struct {
	Args  []string
	Env   []struct{ Name, Value string }
	Ports []struct {
		Name          string
		ContainerPort int `yaml:"containerPort"`
	}
	StartupProbe    probe `yaml:"startupProbe"`
	LivenessProbe   probe `yaml:"livenessProbe"`
	ReadinessProbe  probe `yaml:"readinessProbe"`
	SecurityContext struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct{ Drop []string }
	} `yaml:"securityContext"`
	VolumeMounts []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

type probe struct {
	HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
}

// manifestFiles are those that the kustomization lists.
func manifestFiles(t *testing.T) []string {
	t.Helper()
	var k struct{ Resources []string }
	if err := yaml.Unmarshal([]byte(read(t, "kubernetes/kustomization.yaml")), &k); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, name := range k.Resources {
		paths = append(paths, filepath.Join("kubernetes", name))
	}
	all, err := filepath.Glob("kubernetes/*.yaml")
	if err != nil || len(all) != len(paths)+1 {
		t.Fatalf("the kustomization lists %v of %v (%v)", paths, all, err)
	}
	return paths
}

// manifests returns all of them by kind.
func manifests(t *testing.T) map[string]manifest {
	t.Helper()
	found := make(map[string]manifest)
	for _, path := range manifestFiles(t) {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for decoder := yaml.NewDecoder(file); ; {
			var m manifest
			if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			found[m.Kind] = m
		}
	}
	return found
}

func TestPods(t *testing.T) {
	t.Parallel()
	all := manifests(t)
	for _, kind := range []string{"Deployment", "Job"} {
		p := all[kind].Spec.Template.Spec
		if len(p.Containers) != 1 {
			t.Fatalf("%s: %d containers", kind, len(p.Containers))
		}
		c := p.Containers[0]
		s := c.SecurityContext
		if !p.SecurityContext.RunAsNonRoot || !strings.Contains(read(t, "Dockerfile"), "USER 65532") || p.SecurityContext.RunAsUser != 65532 {
			t.Errorf("%s: it does not run as the image's user: %+v", kind, p.SecurityContext)
		}
		if s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || !s.ReadOnlyRootFilesystem || !slices.Equal(s.Capabilities.Drop, []string{"ALL"}) {
			t.Errorf("%s: it may do more than it needs: %+v", kind, s)
		}
		if p.AutomountServiceAccountToken == nil || *p.AutomountServiceAccountToken {
			t.Errorf("%s: it gets a token of Kubernetes", kind)
		}
		checkSecretPaths(t, kind, p)
		flags(t, c.Args...) // the command exists
	}
}

// checkSecretPaths finds each file that a variable names in a volume.
func checkSecretPaths(t *testing.T, kind string, p pod) {
	t.Helper()
	there := make(map[string]bool)
	for _, mount := range p.Containers[0].VolumeMounts {
		for _, volume := range p.Volumes {
			for _, item := range volume.Secret.Items {
				if volume.Name == mount.Name {
					there[mount.MountPath+"/"+item.Path] = true
				}
			}
		}
	}
	named := 0
	for _, variable := range p.Containers[0].Env {
		if strings.HasSuffix(variable.Name, "_FILE") {
			named++
			if !there[variable.Value] {
				t.Errorf("%s: %s is %s, which is in no volume: %v", kind, variable.Name, variable.Value, there)
			}
		}
	}
	if named != len(there) {
		t.Errorf("%s: %d variables name files, and volumes have %v", kind, named, there)
	}
}

func TestDeployment(t *testing.T) {
	t.Parallel()
	all := manifests(t)
	d := all["Deployment"].Spec
	if d.Replicas != 3 || d.Strategy.RollingUpdate.MaxUnavailable == nil || *d.Strategy.RollingUpdate.MaxUnavailable != 0 {
		t.Errorf("replicas %d, at most %v away: want 3 and 0", d.Replicas, d.Strategy.RollingUpdate.MaxUnavailable)
	}
	if all["PodDisruptionBudget"].Spec.MaxUnavailable != 1 {
		t.Error("the budget does not let one server go at a time")
	}
	c := d.Template.Spec.Containers[0]
	_, drain, _ := strings.Cut(files(t)["kubernetes/settings.env"], "CHAINMAIL_DRAIN=")
	ending, err := time.ParseDuration(strings.TrimSpace(drain))
	if err != nil {
		t.Fatal(err)
	}
	ending += 10 * time.Second // which the server has to end
	if got := time.Duration(d.Template.Spec.TerminationGracePeriodSeconds) * time.Second; got <= ending {
		t.Errorf("killed after %s: it may take %s", got, ending)
	}
	env, names := image(t), make(map[string]bool)
	for _, port := range c.Ports {
		names[port.Name] = true
		variable := map[string]string{"http": "CHAINMAIL_LISTEN", "metrics": "CHAINMAIL_ADMIN_LISTEN"}[port.Name]
		if want := env[variable]; want == "" || !strings.HasSuffix(want, ":"+itoa(port.ContainerPort)) {
			t.Errorf("port %s is %d, and the image has %q", port.Name, port.ContainerPort, want)
		}
	}
	for name, port := range map[string]string{
		"startup":  c.StartupProbe.HTTPGet.Port,
		"liveness": c.LivenessProbe.HTTPGet.Port, "readiness": c.ReadinessProbe.HTTPGet.Port,
		"Service":         all["Service"].Spec.Ports[0].TargetPort,
		"network, users":  all["NetworkPolicy"].Spec.Ingress[0].Ports[0].Port,
		"network, scrape": all["NetworkPolicy"].Spec.Ingress[1].Ports[0].Port,
	} {
		if !names[port] {
			t.Errorf("%s: no port %q", name, port)
		}
	}
	// A server whose database is away is unready, and not killed.
	for _, p := range []probe{c.StartupProbe, c.LivenessProbe} {
		if p.HTTPGet.Path != "/healthz" {
			t.Errorf("start or life depends on %s", p.HTTPGet.Path)
		}
	}
	if got := c.ReadinessProbe.HTTPGet.Path; got != "/readyz" {
		t.Errorf("readiness depends on %s", got)
	}
}
