-- Questions about parcels for wrk: wrk -s positions.lua ADDRESS -- KIND POSITIONS [SIZE]
--
-- KIND is point, box, nearest, tile, warm or cold; POSITIONS has "longitude latitude" on each line, for warm tiles with the entity tag
-- that a client has, for cold ones "column row" of tiles that nobody asked for before: each thread asks for its own ones. SIZE is half
-- the side of a box in degrees, or the level of a tile.

local questions, tags, number = {}, {}, 0
local threads = 0

function setup(thread)
  thread:set("own", threads)
  threads = threads + 1
end

local function tile(lon, lat, zoom)
  local side = 2 ^ zoom
  local radians = math.rad(lat)
  local x = math.floor((lon + 180) / 360 * side)
  local y = math.floor((1 - math.log(math.tan(radians) + 1 / math.cos(radians)) / math.pi) / 2 * side)
  return string.format("/ogc/tiles/%d/%d/%d", zoom, x, y)
end

function init(arguments)
  local kind, size = arguments[1], tonumber(arguments[3] or "0")
  local items = "/ogc/collections/parcels/items"
  local at = 0
  for line in io.lines(arguments[2]) do
    local lon, lat, tag = line:match("(%S+) (%S+) ?(%S*)")
    lon, lat = tonumber(lon), tonumber(lat)
    local path
    if kind == "point" then
      path = string.format("%s?bbox=%.7f,%.7f,%.7f,%.7f", items, lon, lat, lon, lat)
    elseif kind == "box" then
      path = string.format("%s?limit=1000&bbox=%.7f,%.7f,%.7f,%.7f", items, lon - size, lat - size, lon + size, lat + size)
    elseif kind == "nearest" then
      path = string.format("%s?limit=10&filter=nearest(geometry,POINT(%.7f%%20%.7f),10)", items, lon, lat)
    elseif kind == "cold" then
      path = string.format("/ogc/tiles/%d/%d/%d", size, lon, lat)
    else
      path = tile(lon, lat, size)
    end
    at = at + 1
    if kind ~= "cold" or at % 2 == own then
      questions[#questions + 1] = path
      tags[#questions] = kind == "warm" and tag or nil
    end
  end
  number = kind == "cold" and 0 or math.random(#questions)
end

function request()
  number = number % #questions + 1
  return wrk.format("GET", questions[number], tags[number] and { ["If-None-Match"] = tags[number] })
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format("RESULT %.0f %.3f %d", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
