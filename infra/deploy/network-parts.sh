# shellcheck shell=bash
# What `network` is made of: images, certificates, volumes, compose.

say() {
  printf '%s\n' "$*"
}

refuse() {
  printf 'network: %s\n' "$1" >&2
  exit 2
}

need() {
  local command
  for command in "$@"; do
    command -v "$command" >/dev/null || refuse "$command is missing: install it"
  done
}

founded_or_refuse() {
  [ -e "$STARLING_FOLDER/founded" ] || refuse "there is no network yet: $0 up"
}

compose() {
  local files=(-f "$here/docker-compose.yml")
  [ ! -e "$STARLING_FOLDER/sites.yml" ] || files+=(-f "$STARLING_FOLDER/sites.yml")
  if [ -e "$STARLING_FOLDER/nats.env" ]; then
    # shellcheck disable=SC1091
    . "$STARLING_FOLDER/nats.env"
  fi
  if [ -e "$STARLING_FOLDER/monitoring.env" ]; then
    set -a
    # shellcheck disable=SC1091
    . "$STARLING_FOLDER/monitoring.env"
    set +a
  fi
  export NATS_CLIENT_NKEY=${NATS_CLIENT_NKEY:--}
  export STARLING_IMAGE=${STARLING_IMAGE:-starling:local}
  if [ -e "$STARLING_FOLDER/nats.image" ]; then
    STARLING_NATS_IMAGE=$(cat "$STARLING_FOLDER/nats.image")
    export STARLING_NATS_IMAGE
  fi
  if docker compose version >/dev/null 2>&1; then
    docker compose -p "$STARLING_PROJECT" "${files[@]}" "$@"
  else
    docker-compose --ansi never -p "$STARLING_PROJECT" "${files[@]}" "$@"
  fi
}

# --- images ------------------------------------------------------------------------------------

have_image() {
  docker image inspect "$1" >/dev/null 2>&1
}

# Prints the base image to build on: the wanted one, or one made here where it cannot be pulled.
base_image() {
  if have_image "$base_wanted" || docker pull --quiet "$base_wanted" >&2; then
    printf '%s\n' "$base_wanted"
    return
  fi
  if ! have_image "$base_local"; then
    say "$base_wanted cannot be pulled: making $base_local by debootstrap" >&2
    "$here/images/base-image.sh" "$base_local" >&2
  fi
  printf '%s\n' "$base_local"
}

images_known() {
  export STARLING_IMAGE=${STARLING_IMAGE:-starling:local}
}

images() {
  local base=''
  images_known
  if [ "$STARLING_IMAGE" = starling:local ]; then
    base=$(base_image)
    say "image $STARLING_IMAGE on $base"
    if [ -n "${NODE_EXTRA_CA_CERTS-}" ]; then
      cp "$NODE_EXTRA_CA_CERTS" "$here/images/extra-ca.pem"
    fi
    docker build --quiet --network host --build-arg "BASE_IMAGE=$base" \
      -f "$here/Dockerfile" -t "$STARLING_IMAGE" "$root" >/dev/null
  fi
  local nats=${STARLING_NATS_IMAGE:-nats:2.12-alpine}
  if ! have_image "$nats" && ! docker pull --quiet "$nats"; then
    nats=starling-nats:local
    say "the NATS image cannot be pulled: $nats from Debian's package"
    docker build --quiet --network host --build-arg "BASE_IMAGE=${base:-$(base_image)}" \
      -f "$here/nats/Dockerfile" -t "$nats" "$here/nats" >/dev/null
  fi
  printf '%s\n' "$nats" >"$STARLING_FOLDER/nats.image"
}

# --- volumes -----------------------------------------------------------------------------------

# Runs a command in the volume of a service, as the user of its processes, in the network. Standard
# input goes to the command.
inside() {
  local service=$1
  shift
  docker run --rm --interactive --network "${STARLING_PROJECT}_starling" \
    --user 10001:10001 --tmpfs /tmp --cap-drop ALL --entrypoint '' \
    -v "${STARLING_PROJECT}_$service:/data" "$STARLING_IMAGE" "$@"
}

# The volume of an image that has no /data begins with root.
own_volume() {
  docker run --rm --user 0 --network none --entrypoint chown \
    -v "${STARLING_PROJECT}_$1:/data" "$STARLING_IMAGE" 10001:10001 /data
}

retried() {
  local tries=$1 try
  shift
  for ((try = 1; try < tries; try++)); do
    if "$@" >"$STARLING_FOLDER/last-try.log" 2>&1; then
      cat "$STARLING_FOLDER/last-try.log"
      return
    fi
    sleep 1
  done
  "$@"
}

# --- certificates ------------------------------------------------------------------------------

# An authority for the NATS servers; its key stays in the folder of the network.
authority() {
  local folder=$STARLING_FOLDER/certificates
  mkdir -p -m 0700 "$folder"
  openssl ecparam -name prime256v1 -genkey -noout -out "$folder/authority.key" 2>/dev/null
  openssl req -x509 -new -key "$folder/authority.key" -days 3650 -sha256 \
    -subj "/CN=NATS of $STARLING_PROJECT" -out "$folder/authority.pem" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
}

# A certificate and its key, straight into the volume of a service. Compose's names and localhost, so
# that a browser on this machine sees the coordinators too.
certificate() {
  local service=$1 folder=$STARLING_FOLDER/certificates
  openssl ecparam -name prime256v1 -genkey -noout -out "$folder/server.key" 2>/dev/null
  openssl req -new -key "$folder/server.key" -subj "/CN=$service" -out "$folder/server.csr"
  openssl x509 -req -in "$folder/server.csr" -CA "$folder/authority.pem" \
    -CAkey "$folder/authority.key" -CAcreateserial -days 825 -sha256 -out "$folder/server.pem" \
    -extfile <(printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' "$service") \
    2>/dev/null
  own_volume "$service"
  tar -C "$folder" -c server.pem server.key authority.pem | inside "$service" sh -c \
    'umask 077; mkdir -p /data/certificates; tar -C /data/certificates -x --no-same-owner'
  rm "$folder/server.key" "$folder/server.csr" "$folder/server.pem"
}

# --- operators ---------------------------------------------------------------------------------

# Switches the operator API on in the config of a coordinator's volume.
operator_api() {
  inside "$1" node -e '
    const { readFileSync, writeFileSync } = require("node:fs");
    const path = "/data/home/config.json";
    const tls = { cert: "/data/certificates/server.pem", key: "/data/certificates/server.key" };
    const config = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...config, http: { listen: "0.0.0.0:8080", tls } }));
  '
}

# Prometheus and Grafana, as far as their images can be had.
monitor() {
  local prometheus=${STARLING_PROMETHEUS_IMAGE:-prom/prometheus:v3.5.0}
  local grafana=${STARLING_GRAFANA_IMAGE:-grafana/grafana:12.2.0} services=(prometheus)
  if ! have_image "$prometheus" && ! docker pull --quiet "$prometheus"; then
    prometheus=starling-prometheus:local
    say "Prometheus' image cannot be pulled: $prometheus from Debian's package"
    docker build --quiet --network host --build-arg "BASE_IMAGE=$(base_image)" \
      -f "$here/prometheus/Dockerfile" -t "$prometheus" "$here/prometheus" >/dev/null
  fi
  if have_image "$grafana" || docker pull --quiet "$grafana"; then
    services+=(grafana)
  else
    say "Grafana is left out: $grafana cannot be pulled"
  fi
  if [ ! -e "$STARLING_FOLDER/monitoring.env" ]; then
    (umask 077 && printf 'STARLING_GRAFANA_PASSWORD=%s\n' "$(openssl rand -hex 16)") \
      >"$STARLING_FOLDER/monitoring.env"
  fi
  export STARLING_PROMETHEUS_IMAGE=$prometheus
  compose --profile monitoring up --detach "${services[@]}"
  say "Prometheus: http://127.0.0.1:${STARLING_PROMETHEUS_PORT:-9090}"
  [ "${#services[@]}" -eq 1 ] ||
    say "Grafana: http://127.0.0.1:${STARLING_GRAFANA_PORT:-3000}, password in $STARLING_FOLDER/monitoring.env"
}

# --- members -----------------------------------------------------------------------------------

container() {
  compose ps -q "$1"
}

service_exists() {
  compose config --services | grep -qx "$1"
}

starling_in() {
  local service=$1 id
  shift
  id=$(container "$service")
  [ -n "$id" ] || refuse "$service does not run"
  docker exec -i "$id" starling "$@"
}

# The service of the coordinator that leads.
leader() {
  local service
  for service in coordinator-1 coordinator-2; do
    if starling_in "$service" coordinator status --format json >/dev/null 2>&1; then
      printf '%s\n' "$service"
      return
    fi
  done
  return 1
}

# Folders of the image that a site is given as documents, so that a new network has something to do.
documents_of() {
  case "$1" in
    site-1) printf '/app/node/learning /app/node/index/src' ;;
    site-2) printf '/app/node/training/src' ;;
    site-3) printf '/app/coordinator' ;;
    site-4) printf '/app/crypto' ;;
    site-5) printf '/app/consensus' ;;
    *) printf '/app/infra' ;;
  esac
}

join_site() {
  local site=$1 address=$2 invitation lead
  lead=$(retried 30 leader | tail -n 1)
  invitation=$(starling_in "$lead" invite "$site")
  # shellcheck disable=SC2016
  printf '%s\n' "$invitation" | inside "$site" sh -ec '
    umask 077
    invitation=$(mktemp)
    cat > "$invitation"
    starling init --home /data/home --site "$1" --listen /ip4/0.0.0.0/tcp/4600 \
      --announce "/ip4/$2/tcp/4600" >/dev/null
    starling join "$invitation" --home /data/home
    rm "$invitation"
  ' sh "$site" "$STARLING_NETWORK.$address" | head -n 1
}

give_documents() {
  local folder
  for folder in $(documents_of "$1"); do
    inside "$1" starling peer add "$folder" --home /data/home | sed "s/^/$1: /"
  done
}

# Services of the sites that were added, for compose.
write_sites_file() {
  local name address
  {
    printf 'services:\n'
    while read -r name address; do
      printf '  %s:\n    extends: { file: %s, service: site-1 }\n' "$name" "$here/docker-compose.yml"
      printf '    hostname: %s\n    volumes: ["%s:/data"]\n' "$name" "$name"
      printf '    networks: { starling: { ipv4_address: "%s.%s" } }\n' "$STARLING_NETWORK" "$address"
    done <"$STARLING_FOLDER/sites"
    printf 'volumes:\n'
    while read -r name address; do printf '  %s:\n' "$name"; done <"$STARLING_FOLDER/sites"
  } >"$STARLING_FOLDER/sites.yml"
}

# Takes the last line back: the site never joined.
forget_site() {
  compose rm --force --stop "$1" >/dev/null 2>&1 || true
  docker volume rm "${STARLING_PROJECT}_$1" >/dev/null 2>&1 || true
  sed -i '$d' "$STARLING_FOLDER/sites"
  if [ -s "$STARLING_FOLDER/sites" ]; then write_sites_file; else rm -f "$STARLING_FOLDER"/sites{,.yml}; fi
}

# Waits until containers that have a health check are healthy: those named, or all. A machine that is
# busy makes a check late, which is no failure yet.
wait_healthy() {
  local id state try
  for id in $(compose ps -q "$@"); do
    for ((try = 0; try < 300; try++)); do
      state=$(docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$id")
      case $state in healthy | running) continue 2 ;; esac
      sleep 1
    done
    docker logs --tail 20 "$id" >&2
    refuse "$(docker inspect --format '{{.Name}}' "$id") is $state"
  done
}

down() {
  case "${1-}" in
    '') compose down --remove-orphans ;;
    --volumes)
      compose down --volumes --remove-orphans
      rm -rf "$STARLING_FOLDER"
      ;;
    *) refuse "down takes --volumes, not $1" ;;
  esac
}
