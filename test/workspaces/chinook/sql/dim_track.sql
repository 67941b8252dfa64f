-- Tracks with everything that stands around them: album, artist, genre, medium and in how many playlists they are.
create table if not exists star.dim_track (
  track_id integer primary key,
  name text not null,
  album text,
  artist text,
  genre text,
  media_type text,
  composer text,
  seconds numeric(10, 3) not null,
  unit_price numeric(10, 2) not null,
  playlists integer not null
);

merge into star.dim_track as target
using (
  select
    track.track_id,
    track.name,
    album.title as album,
    artist.name as artist,
    genre.name as genre,
    media_type.name as media_type,
    track.composer,
    (track.milliseconds / 1000.0)::numeric(10, 3) as seconds,
    track.unit_price,
    coalesce(listed.playlists, 0) as playlists
  from raw.track
  left join raw.album on album.album_id = track.album_id and not album._headrace_deleted
  left join raw.artist on artist.artist_id = album.artist_id and not artist._headrace_deleted
  left join raw.genre on genre.genre_id = track.genre_id and not genre._headrace_deleted
  left join raw.media_type
    on media_type.media_type_id = track.media_type_id and not media_type._headrace_deleted
  left join (
    select playlist_track.track_id, count(*)::integer as playlists
    from raw.playlist_track
    join raw.playlist using (playlist_id)
    where not playlist_track._headrace_deleted and not playlist._headrace_deleted
    group by playlist_track.track_id
  ) as listed on listed.track_id = track.track_id
) as source
on target.track_id = source.track_id
when matched and target is distinct from source then
  update set
    name = source.name,
    album = source.album,
    artist = source.artist,
    genre = source.genre,
    media_type = source.media_type,
    composer = source.composer,
    seconds = source.seconds,
    unit_price = source.unit_price,
    playlists = source.playlists
when not matched then
  insert (track_id, name, album, artist, genre, media_type, composer, seconds, unit_price, playlists)
  values (
    source.track_id, source.name, source.album, source.artist, source.genre, source.media_type, source.composer,
    source.seconds, source.unit_price, source.playlists
  )
when not matched by source then
  delete;
