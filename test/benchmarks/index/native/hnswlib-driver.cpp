// hnswlib as a C++ program would use it, compiled for the machine it runs on. Speaks the protocol
// of `contender-process.ts`: a command of tab-separated words per line, an answer in JSON per line.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

#include "hnswlib.h"

namespace {

using Clock = std::chrono::steady_clock;
using Index = hnswlib::HierarchicalNSW<float>;

constexpr std::size_t kRandomSeed = 100;

std::unique_ptr<hnswlib::L2Space> space;
std::unique_ptr<Index> graph;
std::string queries_file;
std::vector<float> queries;

hnswlib::DISTFUNC<float> timed_distance;
std::uint64_t distances;

float counted_distance(const void* a, const void* b, const void* dimension) {
  distances++;
  return timed_distance(a, b, dimension);
}

double seconds_since(Clock::time_point started) {
  return std::chrono::duration<double>(Clock::now() - started).count();
}

/** Bytes from a file, as float32. */
std::vector<float> read_rows(const std::string& file, std::size_t count) {
  std::ifstream in(file, std::ios::binary);
  std::vector<unsigned char> bytes(count);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(count))) {
    throw std::runtime_error("cannot read " + file);
  }
  return {bytes.begin(), bytes.end()};
}

long resident_bytes() {
  std::ifstream in("/proc/self/statm");
  long total = 0;
  long resident = 0;
  in >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

void build(std::istringstream& words) {
  std::string file;
  std::size_t rows, dimension, m, ef_construction;
  words >> std::ws;
  std::getline(words, file, '\t');
  words >> rows >> dimension >> m >> ef_construction;
  graph.reset();
  const std::vector<float> vectors = read_rows(file, rows * dimension);
  space = std::make_unique<hnswlib::L2Space>(dimension);
  const long before = resident_bytes();
  const std::clock_t cpu_started = std::clock();
  const auto started = Clock::now();
  graph = std::make_unique<Index>(space.get(), rows, m, ef_construction, kRandomSeed);
  for (std::size_t row = 0; row < rows; row++) graph->addPoint(&vectors[row * dimension], row);
  const double seconds = seconds_since(started);
  const double cpu_seconds = static_cast<double>(std::clock() - cpu_started) / CLOCKS_PER_SEC;
  std::printf("{\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"bytes\":%ld}\n", seconds, cpu_seconds,
              resident_bytes() - before);
}

/** A pass that is not timed, so that counting costs nothing where time is taken. */
double distances_per_query(std::size_t count, std::size_t dimension, std::size_t k) {
  timed_distance = graph->fstdistfunc_;
  graph->fstdistfunc_ = counted_distance;
  distances = 0;
  for (std::size_t query = 0; query < count; query++) {
    graph->searchKnn(&queries[query * dimension], k);
  }
  graph->fstdistfunc_ = timed_distance;
  return static_cast<double>(distances) / static_cast<double>(count);
}

void search(std::istringstream& words) {
  std::string file;
  std::size_t count, dimension, k, ef_search;
  int with_results;
  words >> std::ws;
  std::getline(words, file, '\t');
  words >> count >> dimension >> k >> ef_search >> with_results;
  if (!graph) throw std::runtime_error("nothing was built");
  if (file != queries_file) queries = read_rows(file, count * dimension);
  queries_file = file;
  graph->setEf(ef_search);
  std::vector<double> micros(count);
  std::vector<long> labels(count * k, -1);
  for (std::size_t query = 0; query < count; query++) {
    const auto started = Clock::now();
    auto found = graph->searchKnn(&queries[query * dimension], k);
    micros[query] = seconds_since(started) * 1e6;
    for (; !found.empty(); found.pop()) {
      labels[query * k + found.size() - 1] = static_cast<long>(found.top().second);
    }
  }
  std::printf("{\"micros\":[");
  for (std::size_t i = 0; i < count; i++) std::printf(i ? ",%.3f" : "%.3f", micros[i]);
  std::printf("]");
  if (with_results) {
    std::printf(",\"distances\":%.2f,\"labels\":[", distances_per_query(count, dimension, k));
    for (std::size_t i = 0; i < labels.size(); i++) std::printf(i ? ",%ld" : "%ld", labels[i]);
    std::printf("]");
  }
  std::printf("}\n");
}

void answer(const std::string& line) {
  std::istringstream words(line);
  std::string command;
  std::getline(words, command, '\t');
  if (command == "build") return build(words);
  if (command == "search") return search(words);
  throw std::runtime_error("unknown command " + command);
}

}  // namespace

int main() {
  std::printf("{\"ready\":true}\n");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    try {
      answer(line);
    } catch (const std::exception& error) {
      std::printf("{\"error\":\"%s\"}\n", error.what());
    }
    std::fflush(stdout);
  }
}
