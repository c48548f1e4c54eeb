-- Questions about parcels for wrk: wrk -s positions.lua ADDRESS -- KIND POSITIONS [SIZE]
--
-- KIND is point, box, nearest or tile; POSITIONS has "longitude latitude" on each line; SIZE is half the side of a box in
-- degrees, or the level of a tile.

local questions, number = {}, 0

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
  for line in io.lines(arguments[2]) do
    local lon, lat = line:match("(%S+) (%S+)")
    lon, lat = tonumber(lon), tonumber(lat)
    local path
    if kind == "point" then
      path = string.format("%s?bbox=%.7f,%.7f,%.7f,%.7f", items, lon, lat, lon, lat)
    elseif kind == "box" then
      path = string.format("%s?limit=1000&bbox=%.7f,%.7f,%.7f,%.7f", items, lon - size, lat - size, lon + size, lat + size)
    elseif kind == "nearest" then
      path = string.format("%s?limit=10&filter=nearest(geometry,POINT(%.7f%%20%.7f),10)", items, lon, lat)
    else
      path = tile(lon, lat, size)
    end
    questions[#questions + 1] = path
  end
  number = math.random(#questions)
end

function request()
  number = number % #questions + 1
  return wrk.format("GET", questions[number])
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format("RESULT %.0f %.3f %d", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
