#!/bin/sh
# Builds libfaiss_c.so, the C interface that github.com/DataIntelligenceCrew/go-faiss links.
# Debian ships Faiss as a static library with the C headers but without that interface; this
# compiles it from Debian's own source package and links it with Debian's libfaiss.a,
# OpenBLAS and OpenMP into one shared library.
#
#   sudo index/faiss/install.sh              installs to /usr/local/lib
#   PREFIX=$HOME/faiss index/faiss/install.sh    installs to $PREFIX/lib (once the packages are there)
#
# Environment:
#   PREFIX         where lib/libfaiss_c.so goes (default /usr/local)
#   DEBIAN_MIRROR  where apt fetches from (default: where this system fetches bookworm from)
#   JOBS           compilers at a time (default: one per CPU)
#
# apt runs in a configuration of its own: /etc/apt and the package lists of the system are
# neither used nor changed. Packages that are missing (libfaiss-dev, libopenblas-dev, g++)
# are installed, which needs root.
set -eu

PREFIX=${PREFIX:-/usr/local}
DEBIAN_MIRROR=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 2>/dev/null | sed -n 's/^bookworm //p' | head -n 1)}
JOBS=${JOBS:-$(nproc)}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() { echo "install.sh: $*" >&2; exit 1; }

[ -r /etc/os-release ] || fail "no /etc/os-release: this script knows Debian only"
. /etc/os-release
[ "${ID:-}" = debian ] || fail "this is ${PRETTY_NAME:-an unknown system}, the script knows Debian only; build faiss with -DFAISS_ENABLE_C_API=ON instead"
[ "${VERSION_CODENAME:-}" = bookworm ] || fail "this is Debian ${VERSION_CODENAME:-unknown}; go-faiss v0.2.0 is tested with the Faiss 1.7.3 of bookworm only"
[ -n "$DEBIAN_MIRROR" ] || fail "apt knows no source of bookworm here: run apt-get update, or set DEBIAN_MIRROR"
[ -r "$keyring" ] || fail "$keyring is missing: apt-get install debian-archive-keyring"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$work/parts" "$work/lists/partial" "$work/cache/archives/partial" "$work/src"
cat >"$work/debian.list" <<LIST
deb [signed-by=$keyring] $DEBIAN_MIRROR $VERSION_CODENAME main
deb-src [signed-by=$keyring] $DEBIAN_MIRROR $VERSION_CODENAME main
LIST
# Root may download as the unprivileged user _apt, who must be able to reach the folder.
chmod 755 "$work"
chmod 777 "$work/src"
own_apt() {
	apt-get -o Dir::Etc::SourceList="$work/debian.list" -o Dir::Etc::SourceParts="$work/parts" \
		-o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o Acquire::Languages=none "$@"
}
own_apt update

missing=
for package in libfaiss-dev libopenblas-dev g++; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
	[ "$(id -u)" = 0 ] || fail "these packages are missing, and installing them needs root:$missing"
	DEBIAN_FRONTEND=noninteractive own_apt install -y --no-install-recommends $missing
fi
version=$(dpkg-query -W -f '${source:Version}' libfaiss-dev)

(cd "$work/src" && own_apt source --download-only "faiss=$version")
tar -xf "$work"/src/faiss_*.orig.tar.* -C "$work/src" --strip-components 1
[ -f "$work/src/c_api/Index_c.cpp" ] || fail "the source package faiss $version has no c_api/Index_c.cpp"

# Faiss's headers are found as <faiss/…>, those of the C interface beside their sources. All
# sources but those for GPUs and the demos; their names go in as lines.
mkdir "$work/obj"
cd "$work/src/c_api"
find . -name '*.cpp' ! -path './gpu/*' | sed 's|^\./||' >"$work/sources"
xargs -P "$JOBS" -I {} sh -c '
	echo "compiling $1"
	exec g++ -std=c++11 -O2 -fPIC -fopenmp -DFINTEGER=int -I . -c "$1" -o "$2/$(echo "$1" | tr / _).o"' sh {} "$work/obj" <"$work/sources"
g++ -shared -o "$work/libfaiss_c.so" -Wl,-soname,libfaiss_c.so "$work"/obj/*.o \
	-lfaiss -lopenblas -fopenmp -Wl,--no-undefined

install -d "$PREFIX/lib"
install -m 755 "$work/libfaiss_c.so" "$PREFIX/lib/libfaiss_c.so"
if [ "$(id -u)" = 0 ]; then
	ldconfig
fi
echo "installed $PREFIX/lib/libfaiss_c.so (Faiss $version)"
case $PREFIX in
/usr | /usr/local) echo "now: go test -tags faiss ./index/faiss" ;;
*) echo "now: CGO_LDFLAGS='-L$PREFIX/lib -Wl,-rpath,$PREFIX/lib' go test -tags faiss ./index/faiss" ;;
esac
