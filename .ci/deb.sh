#!/bin/sh
# deb.sh - the Debian package build/attn-seq2seq_VERSION_ARCH.deb, of what `make install` installs and the two small
# models, without debhelper. Wants dpkg-dev. Called by `make deb` from the top folder, after the program is built.
set -eu
version=$1
for tool in dpkg-deb dpkg-shlibdeps strip; do
  command -v $tool >/dev/null || {
    echo "deb: $tool is not installed (apt-get install dpkg-dev binutils)" >&2
    exit 1
  }
done
arch=$(dpkg --print-architecture)
top=build/deb
root=$top/root
share=$root/usr/share
rm -rf "$top"
mkdir -p "$root/DEBIAN" "$top/debian" "$share/doc/attn-seq2seq" "$share/attn-seq2seq/models"
"${MAKE:-make}" --no-print-directory -s install DESTDIR="$PWD/$root" PREFIX=/usr
strip --strip-unneeded "$root/usr/bin/attn-seq2seq"
gzip -9n "$share"/man/man*/*
mkdir -p "$share/zsh/vendor-completions"
mv "$share"/zsh/site-functions/* "$share/zsh/vendor-completions/"
rmdir "$share/zsh/site-functions"
cp models/tiny-*.safetensors "$share/attn-seq2seq/models/"
cp LICENSE "$share/doc/attn-seq2seq/copyright"
cp README.md "$share/doc/attn-seq2seq/"

# dpkg-shlibdeps names the packages of the libraries that programs were linked with; it wants a source package's control.
printf 'Source: attn-seq2seq\n\nPackage: attn-seq2seq\nArchitecture: any\n' >"$top/debian/control"
depends=$(cd "$top" && dpkg-shlibdeps -O $(find root/usr -type f \( -path "*/bin/*" -o -name "*.so*" \)) | sed -n 's/^shlibs:Depends=//p')

cat >"$root/DEBIAN/control" <<CONTROL
Package: attn-seq2seq
Version: $version
Architecture: $arch
Maintainer: ${DEBFULLNAME:-attn-seq2seq} <${DEBEMAIL:-root@localhost}>
Installed-Size: $(du -ks "$root/usr" | cut -f1)
Depends: $depends
Section: science
Priority: optional
Description: attention sequence-to-sequence translator
 Trains recurrent and Transformer models with attention on parallel text, on an
 ordinary CPU, and translates, scores and aligns with them. Shows what each word
 looked at.
CONTROL
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +
deb=build/attn-seq2seq_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$deb" >/dev/null
rm -rf "$top"
echo "$deb: depends on $depends"
