// Points whose place is known: landmarks, twins on both sides of a border, small towns, and places where there is no city; written by hand.

/** A point in degrees, and where it lies; several names are right where people use several, or where a border is as near as the point is exact. */
export type KnownPoint = {
  readonly latitude: number
  readonly longitude: number
  readonly cities: readonly string[]
  /** Two-letter state in the US, the name of the region elsewhere. */
  readonly regions: readonly string[]
  readonly country: string
}

const usRows = `40.7580 -73.9855;New York City;NY;US
40.6892 -74.0445;New York City|Jersey City;NY|NJ;US
40.6602 -73.9690;New York City;NY;US
40.8296 -73.9262;New York City;NY;US
40.7498 -73.8408;New York City;NY;US
40.5790 -74.1512;New York City;NY;US
40.7440 -74.0324;Hoboken;NJ;US
40.7178 -74.0431;Jersey City;NJ;US
40.9312 -73.8988;Yonkers;NY;US
42.3467 -71.0972;Boston;MA;US
42.3744 -71.1169;Cambridge;MA;US
41.8826 -87.6226;Chicago;IL;US
41.9484 -87.6553;Chicago;IL;US
41.8299 -87.6338;Chicago;IL;US
42.0565 -87.6753;Evanston;IL;US
34.1341 -118.3215;Los Angeles;CA;US
34.0430 -118.2673;Los Angeles;CA;US
34.0739 -118.2400;Los Angeles;CA;US
34.0083 -118.4988;Santa Monica;CA;US
34.0736 -118.4004;Beverly Hills;CA;US
37.8199 -122.4783;San Francisco;CA;US
37.7694 -122.4862;San Francisco;CA;US
37.8716 -122.2585;Berkeley;CA;US
37.8044 -122.2712;Oakland;CA;US
37.4275 -122.1697;Stanford|Palo Alto;CA;US
47.6205 -122.3493;Seattle;WA;US
47.6740 -122.1215;Redmond;WA;US
29.7604 -95.3698;Houston;TX;US
29.6847 -95.4107;Houston;TX;US
32.7767 -96.7970;Dallas;TX;US
32.7473 -97.0945;Arlington;TX;US
32.7555 -97.3308;Fort Worth;TX;US
38.8893 -77.0502;Washington;DC;US
38.9076 -77.0723;Washington;DC;US
38.8719 -77.0563;Arlington;VA;US
38.9847 -77.0947;Bethesda;MD;US
39.9496 -75.1503;Philadelphia;PA;US
39.9448 -75.1199;Camden;NJ;US
25.7907 -80.1300;Miami Beach;FL;US
25.7781 -80.2197;Miami;FL;US
33.7573 -84.3963;Atlanta;GA;US
36.1147 -115.1728;Las Vegas|Paradise;NV;US
36.1147 -86.7760;Nashville;TN;US
35.1390 -90.0520;Memphis;TN;US
35.1468 -90.1845;West Memphis;AR;US
39.1031 -94.5844;Kansas City;MO;US
39.1155 -94.6268;Kansas City;KS;US
33.4251 -94.0477;Texarkana;TX;US
33.4418 -94.0377;Texarkana;AR;US
36.5750 -82.1900;Bristol;TN;US
36.6180 -82.1760;Bristol;VA;US
38.6247 -90.1848;St. Louis;MO;US
38.6245 -90.1506;East Saint Louis|East St. Louis;IL;US
46.8772 -96.7898;Fargo;ND;US
46.8738 -96.7678;Moorhead;MN;US
41.2565 -95.9345;Omaha;NE;US
41.2619 -95.8608;Council Bluffs;IA;US
45.5152 -122.6784;Portland;OR;US
45.6387 -122.6615;Vancouver;WA;US
38.9399 -119.9772;South Lake Tahoe;CA;US
38.9600 -119.9400;Stateline;NV;US
32.2988 -90.1848;Jackson;MS;US
43.4799 -110.7624;Jackson;WY;US
44.9778 -93.2650;Minneapolis;MN;US
44.9537 -93.0900;Saint Paul|St. Paul;MN;US
31.7619 -106.4850;El Paso;TX;US
27.5064 -99.5075;Laredo;TX;US
42.3314 -83.0458;Detroit;MI;US
46.4953 -84.3453;Sault Ste. Marie;MI;US
58.3019 -134.4197;Juneau;AK;US
61.2181 -149.9003;Anchorage;AK;US
21.2767 -157.8275;Honolulu;HI;US
41.3083 -72.9279;New Haven;CT;US
43.6615 -70.2553;Portland;ME;US
44.2601 -72.5754;Montpelier;VT;US
43.2081 -71.5376;Concord;NH;US
39.1582 -75.5244;Dover;DE;US
41.1400 -104.8202;Cheyenne;WY;US
44.3683 -100.3510;Pierre;SD;US
46.5891 -112.0391;Helena;MT;US
38.5733 -109.5498;Moab;UT;US
36.4072 -105.5731;Taos;NM;US
30.3095 -104.0207;Marfa;TX;US
39.3601 -118.7775;Fallon;NV;US
37.2753 -107.8801;Durango;CO;US`

const worldRows = `51.5007 -0.1246;London;England;GB
51.5055 -0.0754;London;England;GB
51.5560 -0.2796;London|Wembley;England;GB
53.4631 -2.2913;Manchester|Stretford;England;GB
53.4308 -2.9608;Liverpool;England;GB
55.9486 -3.1999;Edinburgh;Scotland;GB
51.4816 -3.1791;Cardiff;Wales;GB
48.8584 2.2945;Paris;Île-de-France;FR
48.8867 2.3431;Paris;Île-de-France;FR
48.8049 2.1204;Versailles;Île-de-France;FR
43.2961 5.3699;Marseille;Provence-Alpes-Côte d'Azur;FR
48.5818 7.7509;Strasbourg;Grand Est;FR
52.5163 13.3777;Berlin;State of Berlin|Berlin;DE
52.4995 13.4180;Berlin;State of Berlin|Berlin;DE
48.1374 11.5755;Munich;Bavaria;DE
50.9413 6.9583;Köln|Cologne;North Rhine-Westphalia;DE
53.5511 9.9937;Hamburg;Hamburg;DE
50.1109 8.6821;Frankfurt am Main;Hesse;DE
48.2085 16.3731;Vienna;Vienna;AT
47.3769 8.5417;Zürich;Zurich;CH
46.2044 6.1432;Genève|Geneva;Geneva;CH
41.4036 2.1744;Barcelona;Catalonia;ES
40.4154 -3.7074;Madrid;Madrid;ES
38.6916 -9.2160;Lisbon;Lisbon;PT
41.8902 12.4922;Roma|Rome;Lazio|Latium;IT
45.4641 9.1919;Milano|Milan;Lombardy;IT
52.3731 4.8926;Amsterdam;North Holland;NL
51.9244 4.4777;Rotterdam;South Holland;NL
50.8467 4.3525;Brussels;Brussels Capital;BE
55.6761 12.5683;Copenhagen;Capital Region;DK
59.3293 18.0686;Stockholm;Stockholm;SE
59.9139 10.7522;Oslo;Oslo;NO
60.1699 24.9384;Helsinki;Uusimaa;FI
64.1466 -21.9426;Reykjavík;Capital Region;IS
52.2297 21.0122;Warsaw;Mazovia|Masovian Voivodeship;PL
50.0875 14.4213;Prague;Prague;CZ
47.4979 19.0402;Budapest;Budapest;HU
37.9715 23.7257;Athens;Attica;GR
41.0086 28.9802;Istanbul;Istanbul;TR
55.7539 37.6208;Moscow;Moscow;RU
50.4501 30.5234;Kyiv;Kyiv City;UA
43.6426 -79.3871;Toronto;Ontario;CA
45.5048 -73.5772;Montréal;Quebec;CA
49.2827 -123.1207;Vancouver;British Columbia;CA
42.3149 -83.0364;Windsor;Ontario;CA
45.4215 -75.6972;Ottawa;Ontario;CA
45.4765 -75.7013;Gatineau;Quebec;CA
43.0896 -79.0849;Niagara Falls;Ontario;CA
19.4326 -99.1332;Mexico City;Mexico City;MX
31.7202 -106.4608;Ciudad Juárez|Juárez;Chihuahua;MX
32.5149 -117.0382;Tijuana;Baja California;MX
27.4779 -99.5496;Nuevo Laredo;Tamaulipas;MX
-22.9519 -43.2105;Rio de Janeiro;Rio de Janeiro;BR
-23.5505 -46.6333;São Paulo;São Paulo;BR
-34.6037 -58.3816;Buenos Aires;Buenos Aires F.D.;AR
-33.4489 -70.6693;Santiago;Santiago Metropolitan;CL
35.6586 139.7454;Tokyo;Tokyo;JP
35.6595 139.7005;Tokyo;Tokyo;JP
35.0116 135.7681;Kyoto;Kyoto;JP
34.6873 135.5259;Osaka;Ōsaka|Osaka;JP
37.5796 126.9770;Seoul;Seoul;KR
39.9163 116.3972;Beijing;Beijing;CN
31.2397 121.4998;Shanghai|Pudong;Shanghai;CN
22.2855 114.1577;Hong Kong;Central and Western;HK
25.0330 121.5654;Taipei;Taipei City;TW
1.2834 103.8607;Singapore;Singapore;SG
13.7500 100.4913;Bangkok;Bangkok;TH
28.6129 77.2295;New Delhi|Delhi;Delhi|NCT;IN
18.9220 72.8347;Mumbai;Maharashtra;IN
25.1972 55.2744;Dubai;Dubai;AE
30.0444 31.2357;Cairo;Cairo;EG
-1.2921 36.8219;Nairobi;Nairobi Area|Nairobi County;KE
6.4541 3.3947;Lagos;Lagos;NG
-33.9249 18.4241;Cape Town;Western Cape;ZA
-33.8568 151.2153;Sydney;New South Wales;AU
-37.8200 144.9834;Melbourne;Victoria;AU
-36.8485 174.7633;Auckland;Auckland;NZ`

/** Points written after the rules were settled, to see whether those hold on points that they were not made for. */
const laterRows = `42.6526 -73.7562;Albany;NY;US
43.0831 -73.7846;Saratoga Springs;NY;US
40.7934 -77.8600;State College;PA;US
40.4313 -79.9805;Pittsburgh;PA;US
41.4993 -81.6944;Cleveland;OH;US
39.0968 -84.5167;Cincinnati;OH;US
39.0837 -84.5086;Covington;KY;US
38.2527 -85.7585;Louisville;KY;US
38.2856 -85.8241;New Albany;IN;US
39.7684 -86.1581;Indianapolis;IN;US
43.0389 -87.9065;Milwaukee;WI;US
46.7867 -92.1005;Duluth;MN;US
46.7208 -92.1041;Superior;WI;US
41.5236 -90.5776;Davenport;IA;US
41.5095 -90.5787;Rock Island;IL;US
30.2747 -97.7404;Austin;TX;US
29.9584 -90.0644;New Orleans;LA;US
28.3852 -81.5639;Bay Lake|Lake Buena Vista|Celebration;FL;US
32.0809 -81.0912;Savannah;GA;US
35.2271 -80.8431;Charlotte;NC;US
36.8529 -75.9780;Virginia Beach;VA;US
39.2839 -76.6217;Baltimore;MD;US
39.7392 -104.9903;Denver;CO;US
40.0150 -105.2705;Boulder;CO;US
33.4484 -112.0740;Phoenix;AZ;US
33.4255 -111.9400;Tempe;AZ;US
32.7157 -117.1611;San Diego;CA;US
33.8121 -117.9190;Anaheim;CA;US
48.9945 -122.7460;Blaine;WA;US
64.8378 -147.7164;Fairbanks;AK;US
49.0024 -122.7565;Surrey|White Rock;British Columbia;CA
46.8139 -71.2080;Québec;Quebec;CA
51.0447 -114.0719;Calgary;Alberta;CA
53.3498 -6.2603;Dublin;Leinster;IE
52.4862 -1.8904;Birmingham;England;GB
51.7520 -1.2577;Oxford;England;GB
45.7640 4.8357;Lyon;Auvergne-Rhône-Alpes;FR
43.6047 1.4442;Toulouse;Occitanie|Occitania;FR
48.7758 9.1829;Stuttgart;Baden-Wurttemberg|Baden-Württemberg;DE
51.0504 13.7373;Dresden;Saxony;DE
47.5596 7.5886;Basel;Basel-City|Basel City;CH
47.5948 7.6121;Weil am Rhein|Lörrach;Baden-Wurttemberg|Baden-Württemberg;DE
40.8518 14.2681;Napoli|Naples;Campania;IT
37.3891 -5.9845;Sevilla|Seville;Andalusia;ES
41.1579 -8.6291;Porto;Porto;PT
54.3520 18.6466;Gdańsk;Pomerania|Pomeranian Voivodeship;PL
59.4370 24.7536;Tallinn;Harjumaa|Harju County;EE
32.0853 34.7818;Tel Aviv;Tel Aviv;IL
43.0618 141.3545;Sapporo;Hokkaido;JP
35.1796 129.0756;Busan;Busan;KR
12.9716 77.5946;Bengaluru;Karnataka;IN
14.5995 120.9842;Manila;National Capital Region|Metro Manila;PH
-6.2088 106.8456;Jakarta;Jakarta;ID
-12.0464 -77.0428;Lima;Lima|Lima Province;PE
4.7110 -74.0721;Bogotá;Bogota D.C.;CO
-41.2865 174.7762;Wellington;Wellington|Wellington Region;NZ
-31.9523 115.8613;Perth;Western Australia;AU
33.5731 -7.5898;Casablanca;Casablanca-Settat;MA
5.6037 -0.1870;Accra;Greater Accra;GH
18.4655 -66.1057;San Juan;San Juan;PR`

/** Points where nobody lives within a hundred kilometres. */
export const nowhere: readonly (readonly [latitude: number, longitude: number])[] = [
  [0, 0],
  [0, -150],
  [90, 0],
  [-90, 0],
  [-75, 120],
  [45, -40],
  [-40, 90],
  [30, -60],
  [75, -40],
  [23.5, 15],
]

const pointsOf = (rows: string): readonly KnownPoint[] =>
  rows.split('\n').map((row) => {
    const [at, cities, regions, country] = row.split(';') as [string, string, string, string]
    const [latitude, longitude] = at.split(' ').map(Number) as [number, number]
    return { latitude, longitude, cities: cities.split('|'), regions: regions.split('|'), country }
  })

/** Points in the US, state by two letters. */
export const usPoints: readonly KnownPoint[] = pointsOf(usRows)

/** Points elsewhere. */
export const worldPoints: readonly KnownPoint[] = pointsOf(worldRows)

/** Points of both kinds that no rule was made for. */
export const laterPoints: readonly KnownPoint[] = pointsOf(laterRows)
